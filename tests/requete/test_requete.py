"""The month is judged, then published: exactly who can be transmitted, and who is not, by reason."""

from __future__ import annotations

import pytest
from requete_exemples import (
    AJPA,
    JUIN,
    OPPOSEE,
    PARTIE,
    SANS_CONTACT,
    Source,
    extract,
    load_net,
)
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from aller_vers.qualite.verdicts import Jugement
from aller_vers.requete.nettoyage.passe import clean_demandeurs
from aller_vers.requete.publication import judge_requete, profile, publish_mois
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois

RUN = "essai"
MAI = Mois(2025, 5)


def read_core(entrepot: Connection, mois: Mois = JUIN) -> list[tuple[str | None, ...]]:
    lignes = entrepot.execute(
        text(
            "SELECT id_personne, code_caf, courriel, telephone, code_postal FROM core.demandeur"
            " WHERE mois = :mois ORDER BY id_personne"
        ),
        {"mois": str(mois)},
    )
    return [tuple(ligne) for ligne in lignes]


def read_ecartes(entrepot: Connection, mois: Mois = JUIN) -> dict[tuple[str, str], int]:
    lignes = entrepot.execute(
        text("SELECT code_caf, motif, nombre FROM core.ecarte WHERE mois = :mois"), {"mois": str(mois)}
    )
    return {(ligne.code_caf, ligne.motif): ligne.nombre for ligne in lignes}


def read_publication(entrepot: Connection, mois: Mois = JUIN) -> tuple[object, ...]:
    return tuple(
        entrepot.execute(
            text("SELECT run_id, depot, demandeurs, transmissibles FROM core.publication WHERE mois = :mois"),
            {"mois": str(mois)},
        ).one()
    )


def judge_mois(etl: Connection) -> Jugement:
    profile(etl, JUIN, RUN)
    etl.execute(text("SET ROLE av_qualite"))
    jugement = judge_requete(etl, JUIN, RUN)
    etl.execute(text("SET ROLE av_etl"))
    return jugement


def test_core_holds_exactly_who_can_be_transmitted(etl: Connection) -> None:
    load_net(
        etl,
        {},
        {"courriel_net": None},
        {"telephone_net": None, "code_postal_net": None},
        SANS_CONTACT,
        OPPOSEE,
        PARTIE,
        {"code_caf": "999"},
    )
    bilan = publish_mois(etl, JUIN, RUN, depot=True)
    assert read_core(etl) == [
        ("1001", "831", "claire1@example.org", "01 99 00 12 34", "83000"),
        ("1002", "831", None, "01 99 00 12 34", "83000"),
        ("1003", "831", "claire3@example.org", None, None),
    ]
    assert bilan == {"demandeurs": 7, "transmissibles": 3}


def test_who_is_not_transmitted_is_counted_once_by_the_first_reason(etl: Connection) -> None:
    load_net(
        etl,
        OPPOSEE,
        OPPOSEE | {"affiliation_terminee": "1"},
        OPPOSEE | {"courriel": "claire@example.org"},  # an objection first, whatever else is wrong
        PARTIE,
        SANS_CONTACT,
        SANS_CONTACT | {"code_caf": "751"},
        SANS_CONTACT | {"date_premier_depot": None},
        {"date_premier_depot": None},
        {"opposition_contact": None},
        {},
    )
    bilan = publish_mois(etl, JUIN, RUN, depot=True)
    ecartes = read_ecartes(etl)
    assert ecartes == {
        ("831", "opposition"): 3,
        ("831", "affiliation_terminee"): 1,
        ("831", "quarantaine"): 3,
        ("831", "sans_contact"): 1,
        ("751", "sans_contact"): 1,
    }
    assert bilan["demandeurs"] == bilan["transmissibles"] + sum(ecartes.values())


@pytest.mark.parametrize("depot", [True, False])
def test_the_publication_says_which_run_and_whether_it_drops(etl: Connection, depot: bool) -> None:
    load_net(etl, {}, OPPOSEE)
    publish_mois(etl, JUIN, "premier", depot=not depot)
    publish_mois(etl, JUIN, RUN, depot=depot)
    assert read_publication(etl) == (RUN, depot, 2, 1)


def test_a_replay_changes_nothing_and_another_month_stays(etl: Connection) -> None:
    load_net(etl, {"id_personne": "5"}, mois=MAI)
    publish_mois(etl, MAI, "mai", depot=True)
    mai = read_core(etl, MAI), read_ecartes(etl, MAI), read_publication(etl, MAI)
    load_net(etl, {}, OPPOSEE, SANS_CONTACT, {"id_personne": None})
    premier = publish_mois(etl, JUIN, RUN, depot=True), read_core(etl), read_ecartes(etl)
    assert (publish_mois(etl, JUIN, RUN, depot=True), read_core(etl), read_ecartes(etl)) == premier
    load_net(etl, {"id_personne": "9"})
    publish_mois(etl, JUIN, RUN, depot=True)
    assert [ligne[0] for ligne in read_core(etl)] == ["9"]
    assert read_ecartes(etl) == {}
    assert (read_core(etl, MAI), read_ecartes(etl, MAI), read_publication(etl, MAI)) == mai


@pytest.mark.parametrize(
    "defaut",
    [
        {"id_personne": "7"},
        {"id_personne": None},
        {"date_dernier_depot": "2025-07-01"},
        {"demandes_ajpa": "0"},
        OPPOSEE | {"opposition_contact": None},
    ],
)
def test_rows_that_break_a_blocking_rule_hold_their_caf_and_let_the_hundred_others_go(
    etl: Connection, defaut: dict[str, str | None]
) -> None:
    load_net(etl, {"code_caf": "751"}, {}, defaut, defaut, {"code_caf": "971"})
    jugement = judge_mois(etl)
    jugement.require_nation()
    assert [code for code, decision in jugement.par_caf.items() if decision == "retenu"] == ["831"]
    publish_mois(etl, JUIN, RUN, depot=True)
    assert [ligne[:2] for ligne in read_core(etl)] == [("1001", "751"), ("1002", "831"), ("1005", "971")]
    assert read_ecartes(etl) == {("831", "quarantaine"): 2}
    [nombre] = etl.scalars(text("SELECT nombre FROM dq.quarantaine WHERE run_id = :run"), {"run": RUN})
    assert nombre == 2


def test_a_person_in_two_caf_is_transmitted_by_neither(etl: Connection) -> None:
    load_net(etl, {"id_personne": "7"}, {"id_personne": "7", "code_caf": "751"}, {"code_caf": "971"})
    jugement = judge_mois(etl)
    assert {code for code, decision in jugement.par_caf.items() if decision == "retenu"} == {"831", "751"}
    publish_mois(etl, JUIN, RUN, depot=True)
    assert [ligne[1] for ligne in read_core(etl)] == ["971"]


def test_nothing_of_the_quarantine_outlives_the_transaction(entrepot: Connection) -> None:
    entrepot.execute(text("SET ROLE av_etl"))
    load_net(entrepot, {"id_personne": None})
    publish_mois(entrepot, JUIN, RUN, depot=True)
    entrepot.commit()
    assert entrepot.scalar(text("SELECT to_regclass('pg_temp.quarantaine')")) is None


def test_a_publication_that_fails_leaves_the_former_month(etl: Connection) -> None:
    load_net(etl, {}, OPPOSEE)
    publish_mois(etl, JUIN, "premier", depot=True)
    avant = read_core(etl), read_ecartes(etl), read_publication(etl)
    load_net(etl, {"id_personne": "9"}, SANS_CONTACT)
    etl.execute(text("RESET ROLE"))
    etl.execute(text("ALTER TABLE core.publication ADD CHECK (demandeurs <> 2 OR run_id = 'premier')"))
    etl.execute(text("SET ROLE av_etl"))
    with pytest.raises(DBAPIError), etl.begin_nested():
        publish_mois(etl, JUIN, RUN, depot=True)
    assert (read_core(etl), read_ecartes(etl), read_publication(etl)) == avant


def test_a_month_without_anybody_is_held_and_says_so(etl: Connection) -> None:
    load_net(etl)
    jugement = judge_mois(etl)
    assert set(jugement.par_caf.values()) == {"conforme"}
    with pytest.raises(ErreurAllerVers, match="la source n'a aucun demandeur pour ce mois"):
        jugement.require_nation()


def test_an_unknown_caf_holds_the_month_and_is_named_with_its_count(etl: Connection) -> None:
    load_net(etl, {}, {"code_caf": "999"}, {"code_caf": "999"}, {"code_caf": "canari@example.org"})
    jugement = judge_mois(etl)
    with pytest.raises(ErreurAllerVers) as erreur:
        jugement.require_nation()
    assert "caf_inconnue" in erreur.value.constat
    assert "999 (2)" in erreur.value.constat
    assert "illisible (1)" in erreur.value.constat
    assert "canari" not in str(erreur.value)
    assert "caf.csv" in erreur.value.remede


def test_the_verdicts_of_a_run_are_recorded_once(etl: Connection) -> None:
    load_net(etl, {}, {"id_personne": None})
    judge_mois(etl)
    judge_mois(etl)
    lignes = etl.execute(text("SELECT code_caf, regle, verdict, nombre FROM dq.verdict ORDER BY 1, 2")).all()
    ensembles = {ligne.code_caf: ligne.verdict for ligne in lignes if ligne.regle == "ensemble"}
    assert len(ensembles) == 102
    assert (ensembles[None], ensembles["831"], ensembles["751"]) == ("conforme", "retenu", "conforme")
    assert [tuple(ligne) for ligne in lignes if ligne.regle != "ensemble"] == [
        ("831", "identite_absente", "retenu", 1),
        (None, "historique_court", "conforme", 0),
    ]


def test_a_source_reaches_core_through_every_step(source: Source, etl: Connection) -> None:
    source.add(1, AJPA, courriel=" Claire@EXAMPLE.org", telephone="+33 1 99 00 12 34", code_postal="83000")
    source.add(2, AJPA, opposition=True)
    source.add(3, AJPA, fin_affiliation="2025-06-30")
    source.add(4, AJPA, courriel="néant", telephone=None)
    source.add(5, AJPA, caf="971", courriel=None)
    extract(source, etl)
    clean_demandeurs(etl, str(JUIN))
    judge_mois(etl).require_nation()
    assert publish_mois(etl, JUIN, RUN, depot=True) == {"demandeurs": 5, "transmissibles": 2}
    assert read_core(etl) == [
        ("1", "831", "claire@example.org", "01 99 00 12 34", "83000"),
        ("5", "971", None, "01 99 00 12 34", "83000"),
    ]
    assert read_ecartes(etl) == {
        ("831", "opposition"): 1,
        ("831", "affiliation_terminee"): 1,
        ("831", "sans_contact"): 1,
    }
