"""The profile: a row a Caf, absent and unknown ones included, and nobody's value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from requete_exemples import JUIN, SANS_CONTACT, load_net
from sqlalchemy import Connection, text

from aller_vers.qualite.porte import Profil
from aller_vers.qualite.regles import load_regles
from aller_vers.qualite.suites import load_suite
from aller_vers.requete.profil import list_colonnes, load_profil_requete, profile_requete
from aller_vers.socle.erreurs import ErreurAllerVers
from reference_fusionnee import merge_var

RUN = "essai"


def profile(etl: Connection) -> Profil:
    """Profile the month as ``av_etl``, and read it as ``av_qualite``."""
    profile_requete(etl, JUIN, RUN)
    etl.execute(text("SET ROLE av_qualite"))
    return load_profil_requete(etl, JUIN, RUN)


def test_an_absent_caf_has_a_row_of_zeros(etl: Connection) -> None:
    load_net(etl, {"code_caf": "831"})
    profil = profile(etl)
    assert len(profil.caf) == 101
    absentes = profil.caf[profil.caf["code_caf"] != "831"].drop(columns="code_caf")
    assert (absentes == 0).all(axis=None)
    stocke = etl.scalar(text("SELECT comptes FROM dq.profil_requete WHERE code_caf = '971'"))
    assert stocke == {regle.code: 0 for regle in load_regles("requete")}


def test_a_month_without_anybody_has_101_rows_of_zeros(etl: Connection) -> None:
    load_net(etl)
    profil = profile(etl)
    assert (profil.caf.drop(columns="code_caf") == 0).all(axis=None)
    assert (profil.nation.drop(columns="code_caf") == 0).all(axis=None)
    assert len(profil.caf) == 101


def test_shares_are_between_0_and_1_and_the_nation_is_weighted_by_its_flow(etl: Connection) -> None:
    load_net(etl, SANS_CONTACT, {}, {}, {}, SANS_CONTACT | {"code_caf": "751"})
    profil = profile(etl)
    parts = profil.caf.set_index("code_caf")["part_sans_contact"]
    assert (parts["831"], parts["751"], parts["971"]) == (0.25, 1.0, 0.0)
    [nation] = profil.nation.to_dict("records")
    assert (nation["lignes"], nation["sans_contact"], nation["part_sans_contact"]) == (5, 2, 0.4)


def test_an_unknown_caf_shows_with_its_code_and_count(etl: Connection) -> None:
    load_net(etl, {"code_caf": "999"}, {"code_caf": "999"}, {})
    profil = profile(etl)
    assert profil.inconnues == {"999": 2}
    assert profil.nation["caf_inconnues"].item() == 2
    assert profil.nation["lignes"].item() == 3
    assert "999" not in set(profil.caf["code_caf"])


@pytest.mark.parametrize(
    "valeur", ["canari@example.org", "0199001234", "Jean", "1984", "83", "", None, "831 ", "831\n", "canari"]
)
def test_what_is_not_a_code_shows_as_illisible_only(etl: Connection, valeur: str | None) -> None:
    load_net(etl, {"code_caf": valeur}, {"code_caf": valeur, "id_personne": None})
    profil = profile(etl)
    assert profil.inconnues == {"illisible": 2}
    etl.execute(text("RESET ROLE"))
    lignes = etl.execute(text("SELECT * FROM dq.profil_requete WHERE NOT connue")).mappings().all()
    quarantaine = etl.execute(text("SELECT * FROM dq.quarantaine")).mappings().all()
    assert [ligne["code_caf"] for ligne in (*lignes, *quarantaine)] == ["illisible", "illisible"]
    if valeur and valeur.strip().isalpha():
        assert valeur not in json.dumps([dict(ligne) for ligne in (*lignes, *quarantaine)], default=str)


def test_a_rule_that_was_not_counted_for_a_caf_is_empty_there_and_for_the_nation(etl: Connection) -> None:
    load_net(etl, {})
    profile_requete(etl, JUIN, RUN)
    etl.execute(text("RESET ROLE"))
    etl.execute(
        text("UPDATE dq.profil_requete SET comptes = comptes - 'sans_contact' WHERE code_caf = '831'")
    )
    profil = load_profil_requete(etl, JUIN, RUN)
    vides = profil.caf.set_index("code_caf")["sans_contact"].isna()
    assert list(vides[vides].index) == ["831"]
    assert profil.nation["sans_contact"].isna().all()


def test_a_replay_replaces_its_own_profile_and_keeps_that_of_another_run(etl: Connection) -> None:
    load_net(etl, {})
    profile_requete(etl, JUIN, "premier")
    profile_requete(etl, JUIN, RUN)
    load_net(etl, {}, {})
    profil = profile(etl)
    assert profil.nation["lignes"].item() == 2
    assert load_profil_requete(etl, JUIN, "premier").nation["lignes"].item() == 1


def test_every_column_that_the_shipped_suite_names_is_in_the_profile(etl: Connection) -> None:
    load_net(etl, {})
    profil = profile(etl)
    connues_caf, connues_nation = list_colonnes()
    assert connues_caf == set(profil.caf.columns) - {"code_caf"}
    assert connues_nation == set(profil.nation.columns) - {"code_caf"}
    suite = load_suite("requete_nationale").require_colonnes(connues_caf, connues_nation)
    codes = {regle.code for regle in load_regles("requete")}
    jugees = {a.lue.removeprefix("part_") for a in (*suite.caf, *suite.nation)}
    assert codes <= jugees, "a rule that nothing judges"


@pytest.mark.parametrize("portee", ["caf", "nation"])
def test_a_suite_that_asks_for_another_column_is_refused(portee: str) -> None:
    suite = load_suite("requete_nationale")
    autre = suite.caf[0].model_copy(update={"colonne": "inventee"})
    with pytest.raises(ErreurAllerVers, match=r"porte requete demande des colonnes inconnues : inventee\."):
        suite.model_copy(update={portee: (autre,)}).require_colonnes(*list_colonnes())


def publish_passe(etl: Connection, *mois: tuple[int, dict[str, int]]) -> None:
    """Publish past months: how many before June, and the number of people by Caf."""
    for rang, nombres in mois:
        cle = str(JUIN.shift(-rang))
        etl.execute(
            text("INSERT INTO core.publication (mois, run_id, depot, demandeurs, transmissibles)"
                 " VALUES (:m, 'passe', true, 0, 0)"), {"m": cle},
        )  # fmt: skip
        for code, nombre in nombres.items():
            etl.execute(
                text("INSERT INTO dq.profil_requete VALUES (:m, 'passe', :c, true, :n, '{}')"),
                {"m": cle, "c": code, "n": nombre},
            )


def test_the_past_is_that_of_the_twelve_months_published_before(etl: Connection) -> None:
    publish_passe(
        etl, (0, {"831": 900}), (1, {"831": 4}), (2, {"831": 6}), (12, {"831": 5}), (13, {"831": 900})
    )
    etl.execute(text("INSERT INTO dq.profil_requete VALUES ('2025-05', 'abandonne', '831', true, 900, '{}')"))
    load_net(etl, *[{}] * 5)
    profil = profile(etl)
    [var] = profil.caf[profil.caf["code_caf"] == "831"].to_dict("records")
    assert (var["lignes"], var["lignes_passees"], var["lignes_attendues"]) == (5, 15, 15.5 / 3)
    [nation] = profil.nation.to_dict("records")
    assert (nation["mois_historique"], nation["lignes_passees"]) == (3, 15)


def test_the_past_of_a_merged_caf_is_its_successor_s(
    etl: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge_var(tmp_path, monkeypatch)
    publish_passe(etl, (1, {"831": 40, "041": 4}), (2, {"831": 60, "041": 6}))
    load_net(etl, *[{"code_caf": "041"}] * 50)
    passe = profile(etl).caf.set_index("code_caf")["lignes_passees"]
    assert (passe["041"], passe["831"]) == (110, 0)


def test_without_a_past_what_is_counted_is_expected(etl: Connection) -> None:
    load_net(etl, *[{}] * 7)
    profil = profile(etl)
    assert (profil.caf["lignes_attendues"] == profil.caf["lignes"]).all()
    assert profil.nation["lignes_attendues"].item() == 7
    assert profil.nation["mois_historique"].item() == 0


def test_what_moves_the_whole_nation_is_expected_of_each_caf(etl: Connection) -> None:
    publish_passe(etl, (1, {"831": 100, "751": 1000, "971": 1000}))
    load_net(etl, *[{"code_caf": "751"}] * 500, *[{"code_caf": "971"}] * 500)
    attendues = profile(etl).caf.set_index("code_caf")["lignes_attendues"]
    assert 45 < attendues["831"] < 55, "its past is 100; this month, the others have half of theirs"


def test_the_same_counts_as_the_month_before_are_seen(etl: Connection) -> None:
    """Dates apart: a copy is dated again."""
    load_net(etl, {}, {"code_caf": "751"}, SANS_CONTACT | {"code_caf": "971"}, mois=JUIN.shift(-1))
    profile_requete(etl, JUIN.shift(-1), "avant")
    etl.execute(
        text("INSERT INTO core.publication (mois, run_id, depot, demandeurs, transmissibles)"
             " VALUES ('2025-05', 'avant', true, 3, 2)")
    )  # fmt: skip
    load_net(etl, {}, {"code_caf": "751"}, {"code_caf": "971"})
    nation = profile(etl).nation
    assert (nation["caf_comparees"].item(), nation["caf_identiques"].item()) == (3, 2)
