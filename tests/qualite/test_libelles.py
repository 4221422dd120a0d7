"""What a rule says to a person: every one that can reach the page or an alert is told in French, with its source."""

from __future__ import annotations

import pytest

from aller_vers.qualite.libelles import Explication, find_libelle, load_explications
from aller_vers.qualite.regles import load_regles
from aller_vers.qualite.suites import DOSSIER, Attente, load_suite
from aller_vers.qualite.verdicts import CAF_INCONNUE, EXTRAIT_VIDE

SUITES = {fichier.stem: load_suite(fichier.stem) for fichier in sorted(DOSSIER.glob("*.yml"))}
LIGNES = [
    pytest.param(nom, attente, id=f"{nom}-{portee}-{attente.regle}")
    for nom, suite in SUITES.items()
    for portee in ("caf", "nation")
    for attente in getattr(suite, portee)
]


def test_the_four_gates_are_read() -> None:
    assert {suite.gate for suite in SUITES.values()} == {"requete", "depots", "retours", "marts"}
    assert len(LIGNES) > 80
    assert {("requete", CAF_INCONNUE), ("requete", EXTRAIT_VIDE)} <= set(load_explications())


@pytest.mark.parametrize(("nom", "attente"), LIGNES)
def test_every_rule_says_what_it_is_what_it_protects_and_where_it_comes_from(
    nom: str, attente: Attente
) -> None:
    dite = load_explications()[SUITES[nom].gate, attente.regle]
    assert min(len(dite.libelle), len(dite.protege), len(dite.source), len(dite.raison)) > 5
    assert "_" not in dite.libelle
    assert dite.libelle[0].isupper()
    assert dite.libelle[-1] != "."
    assert find_libelle(attente.regle) == dite.libelle, "the same code at another gate says the same"


@pytest.mark.parametrize("nom", SUITES)
def test_a_rule_is_explained_once(nom: str) -> None:
    """In its file if it has one, else on one line of the suite, whole."""
    suite = SUITES[nom]
    dites = [a for a in (*suite.caf, *suite.nation) if a.libelle or a.protege or a.source]
    assert all(a.libelle and a.protege and a.source for a in dites)
    codes = [a.regle for a in dites]
    assert len(codes) == len(set(codes))
    assert not set(codes) & {regle.code for regle in load_regles(suite.gate)}


def test_two_rules_do_not_say_the_same() -> None:
    par_libelle: dict[str, set[str]] = {}
    for (_, regle), dite in load_explications().items():
        par_libelle.setdefault(dite.libelle, set()).add(regle)
    assert {libelle: codes for libelle, codes in par_libelle.items() if len(codes) > 1} == {}


def test_what_is_no_rule_is_told_by_its_code() -> None:
    assert find_libelle("tache_en_echec") == "Tache en echec"
    assert isinstance(load_explications()["depots", "lot_absent"], Explication)
