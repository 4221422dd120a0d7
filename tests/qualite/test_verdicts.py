"""What failures mean, for a Caf and for the nation."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from aller_vers.qualite.verdicts import CAF_INCONNUE, Jugement, Manquement, conclude, save_jugement
from aller_vers.socle.erreurs import ErreurAllerVers

GRAVE = Manquement("831", "identite_dupliquee", "critical", 2)
ATTENTION = Manquement("751", "sans_contact", "warning", 3)
INFO = Manquement("971", "remarque", "info", 1)
DOUTE = Manquement("131", "remarque", "info", None, evaluee=False)
NATION = Manquement(None, "extrait_vide", "critical", 0)


def test_each_territory_gets_the_worst_of_its_own() -> None:
    aussi = Manquement("751", "remarque", "info", 1)
    jugement = conclude(["011", "131", "751", "831", "971"], [GRAVE, ATTENTION, aussi, INFO, DOUTE])
    assert jugement.par_caf == {
        "011": "conforme",
        "131": "retenu",
        "751": "avertissement",
        "831": "retenu",
        "971": "conforme",
    }
    assert jugement.nation == "conforme"
    assert jugement.count() == {"conforme": 2, "avertissement": 1, "retenu": 2}


@pytest.mark.parametrize("ordre", [1, -1])
def test_the_order_of_failures_does_not_matter(ordre: int) -> None:
    manquements = [GRAVE, Manquement("831", "sans_contact", "warning", 3)][::ordre]
    assert conclude(["831"], manquements).par_caf == {"831": "retenu"}


def test_a_caf_that_is_held_does_not_hold_the_month() -> None:
    conclude(["831"], [GRAVE]).require_nation()


def test_a_warning_of_the_nation_does_not_hold_the_month() -> None:
    jugement = conclude(["831"], [Manquement(None, "courriel_inutilisable", "warning", 3)])
    jugement.require_nation()
    assert jugement.nation == "avertissement"


def test_a_month_that_is_held_names_each_rule_and_each_unknown_caf() -> None:
    manquements = (
        NATION,
        Manquement(None, "courriel_inutilisable", "warning", 9),
        Manquement(None, CAF_INCONNUE, "critical", 5),
        Manquement("999", CAF_INCONNUE, "critical", 3),
        Manquement("illisible", CAF_INCONNUE, "critical", 2),
        GRAVE,
    )
    with pytest.raises(ErreurAllerVers) as erreur:
        Jugement("retenu", {}, manquements).require_nation()
    assert erreur.value.constat == (
        "Le mois est retenu par la porte nationale : caf_inconnue, extrait_vide."
        " Caf inconnues dans l'extrait (demandeurs) : 999 (3), illisible (2)."
    )


def test_a_rule_of_the_nation_that_could_not_be_evaluated_holds_the_month() -> None:
    jugement = conclude(["831"], [Manquement(None, "courriel_inutilisable", "warning", None, evaluee=False)])
    with pytest.raises(ErreurAllerVers, match="porte nationale : courriel_inutilisable"):
        jugement.require_nation()


def test_lots_that_are_refused_are_all_named() -> None:
    refus = [Manquement(f"{n:03d}", "lot_absent", "critical", None) for n in range(1, 31)]
    with pytest.raises(ErreurAllerVers, match=r"refuse 30 lots") as erreur:
        conclude([], refus).require_caf()
    assert all(f"{n:03d} (lot_absent)" in erreur.value.constat for n in range(1, 31))
    conclude(["751"], [ATTENTION]).require_caf()


def read_verdicts(entrepot: Connection, gate: str = "essai") -> set[tuple[object, ...]]:
    lignes = entrepot.execute(
        text("SELECT run_id, code_caf, regle, severite, verdict, nombre FROM dq.verdict WHERE gate = :gate"),
        {"gate": gate},
    )
    return {tuple(ligne) for ligne in lignes}


def test_verdicts_are_recorded_as_av_qualite_and_a_replay_replaces_them(entrepot: Connection) -> None:
    entrepot.execute(text("SET ROLE av_qualite"))
    save_jugement(
        entrepot,
        "2025-06",
        "essai",
        "run",
        conclude(["131", "751", "831"], [GRAVE, ATTENTION, DOUTE, NATION]),
    )
    assert read_verdicts(entrepot) == {
        ("run", None, "extrait_vide", "critical", "retenu", 0),
        ("run", None, "ensemble", "info", "retenu", None),
        ("run", "831", "identite_dupliquee", "critical", "retenu", 2),
        ("run", "831", "ensemble", "info", "retenu", None),
        ("run", "751", "sans_contact", "warning", "avertissement", 3),
        ("run", "751", "ensemble", "info", "avertissement", None),
        ("run", "131", "remarque", "info", "non_evalue", None),
        ("run", "131", "ensemble", "info", "retenu", None),
    }
    save_jugement(entrepot, "2025-06", "autre", "run", conclude(["831"], []))
    save_jugement(entrepot, "2025-06", "essai", "premier", conclude(["831"], []))
    save_jugement(entrepot, "2025-06", "essai", "run", conclude(["831"], []))
    assert read_verdicts(entrepot) == {
        (run, code, "ensemble", "info", "conforme", None)
        for run in ("run", "premier")
        for code in (None, "831")
    }
    assert len(read_verdicts(entrepot, "autre")) == 2
