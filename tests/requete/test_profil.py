"""The profile: a row a Caf, absent and unknown ones included, and nobody's value."""

from __future__ import annotations

import json

import pytest
from requete_exemples import JUIN, SANS_CONTACT, load_net
from sqlalchemy import Connection, text

from aller_vers.profil import Profil, load_profil_requete
from aller_vers.regles import load_regles, profile_requete
from aller_vers.suites import load_suite

RUN = "essai"


def profile(etl: Connection) -> Profil:
    """Profile the month as ``av_etl``, and read it as ``av_qualite``."""
    profile_requete(etl, str(JUIN), RUN)
    etl.execute(text("SET ROLE av_qualite"))
    return load_profil_requete(etl, str(JUIN), RUN)


def test_an_absent_caf_has_a_row_of_zeros(etl: Connection) -> None:
    load_net(etl, {"code_caf": "831"})
    profil = profile(etl)
    assert len(profil.caf) == 101
    absentes = profil.caf[profil.caf["code_caf"] != "831"].drop(columns="code_caf")
    assert (absentes == 0).all(axis=None)
    stocke = etl.scalar(text("SELECT comptes FROM dq.profil_requete WHERE code_caf = '971'"))
    assert stocke == {regle.code: 0 for regle in load_regles("requete_nationale")}


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
    profile_requete(etl, str(JUIN), RUN)
    etl.execute(text("RESET ROLE"))
    etl.execute(
        text("UPDATE dq.profil_requete SET comptes = comptes - 'sans_contact' WHERE code_caf = '831'")
    )
    profil = load_profil_requete(etl, str(JUIN), RUN)
    vides = profil.caf.set_index("code_caf")["sans_contact"].isna()
    assert list(vides[vides].index) == ["831"]
    assert profil.nation["sans_contact"].isna().all()


def test_a_replay_replaces_its_own_profile_and_keeps_that_of_another_run(etl: Connection) -> None:
    load_net(etl, {})
    profile_requete(etl, str(JUIN), "premier")
    profile_requete(etl, str(JUIN), RUN)
    load_net(etl, {}, {})
    profil = profile(etl)
    assert profil.nation["lignes"].item() == 2
    assert load_profil_requete(etl, str(JUIN), "premier").nation["lignes"].item() == 1


def test_every_column_that_the_shipped_suite_names_is_in_the_profile(etl: Connection) -> None:
    load_net(etl, {})
    profil = profile(etl)
    suite = load_suite("requete_nationale")
    assert {a.colonne for a in suite.caf} <= set(profil.caf.columns)
    assert {a.colonne for a in suite.nation} <= set(profil.nation.columns)
    codes = {regle.code for regle in load_regles("requete_nationale")}
    assert {a.regle for a in (*suite.caf, *suite.nation)} == codes | {"caf_inconnue", "extrait_vide"}
