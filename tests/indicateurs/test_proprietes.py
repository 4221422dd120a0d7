"""What holds of the engine whatever the measures (hypothesis), against oracles that are not of this project."""

from __future__ import annotations

import statistics
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from exemples import define
from hypothesis import given, settings
from hypothesis import strategies as st
from reseaux import MOIS, RESEAU, dictionnaires, histoires

from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.formule import find_quantile, find_quantile_liste
from aller_vers.indicateurs.modele import Mesure, Reseau, Valeur

SEUIL = 5
TIRAGES = settings(max_examples=40, deadline=None)
entiers = st.lists(st.integers(0, 30), min_size=1, max_size=60)


def compute(dictionnaire: list[Indicateur], mesures: list[Mesure], reseau: Reseau = RESEAU) -> list[Valeur]:
    return compute_valeurs(dictionnaire, mesures, reseau, SEUIL, MOIS[:4])


@TIRAGES
@given(liste=entiers)
def test_the_median_of_a_histogram_is_the_median_of_the_list(liste: list[int]) -> None:
    histogramme = {n: Decimal(liste.count(n)) for n in {*liste, 31}}
    assert find_quantile(histogramme, Decimal("0.5")) == Decimal(str(statistics.median(liste)))


@TIRAGES
@given(liste=entiers, centieme=st.integers(1, 99))
def test_a_quantile_is_that_of_numpy_by_the_same_definition(liste: list[int], centieme: int) -> None:
    """Ranks are whole numbers times a fraction: floats would miss ties, so the oracle gets exact ones by hand."""
    ordre = Decimal(centieme) / 100
    histogramme = {n: Decimal(liste.count(n)) for n in set(liste)}
    rang = Fraction(len(liste) * centieme, 100)
    if rang.denominator == 1:
        triees = sorted(liste)
        attendu = Decimal(triees[int(rang) - 1] + triees[int(rang)]) / 2
    else:
        attendu = Decimal(int(np.quantile(liste, centieme / 100, method="inverted_cdf")))
    assert find_quantile(histogramme, ordre) == attendu
    assert find_quantile_liste([Decimal(n) for n in liste], ordre) == attendu


@TIRAGES
@given(dictionnaire=dictionnaires(3), mesures=histoires(MOIS[:4]))
def test_the_national_value_is_that_of_the_sums_of_its_caisses(
    dictionnaire: list[Indicateur], mesures: list[Mesure]
) -> None:
    valeurs = compute(dictionnaire, mesures)
    for i in dictionnaire:
        if i.type in ("quantile", "au_dela", "dispersion") or i.maille not in ("caf", "cpam"):
            continue
        for n in (v for v in valeurs if v.code == i.code and v.niveau == "national"):
            for ceux in ("region", i.maille, *RESEAU.groupes):
                locales = [
                    v for v in valeurs
                    if v[:4] == n[:4] and ceux in (v.niveau, v.territoire.removeprefix("hors_"))
                ]  # fmt: skip
                assert sum(v.numerateur or 0 for v in locales) == (n.numerateur or 0)
                assert sum(v.denominateur or 0 for v in locales) == (n.denominateur or 0)
            if n.valeur is not None and n.numerateur is not None:
                exacte = Fraction(n.numerateur) / Fraction(n.denominateur or 1) - (i.type == "evolution")
                assert abs(Fraction(n.valeur) - exacte) <= Fraction(1, 10**12)


@TIRAGES
@given(dictionnaire=dictionnaires(3), mesures=histoires(MOIS[:4]))
def test_adding_a_month_changes_no_other(dictionnaire: list[Indicateur], mesures: list[Mesure]) -> None:
    avant = [m for m in mesures if m.mois != str(MOIS[3])]
    sans = compute_valeurs(dictionnaire, avant, RESEAU, SEUIL, MOIS[:3])
    assert [v for v in compute(dictionnaire, mesures) if v.mois != str(MOIS[3])] == sans


@TIRAGES
@given(dictionnaire=dictionnaires(3), mesures=histoires(MOIS[:4]), data=st.data())
def test_splitting_a_caf_in_two_changes_no_national_value(
    dictionnaire: list[Indicateur], mesures: list[Mesure], data: st.DataObject
) -> None:
    """The spread between caisses alone is about how many they are."""
    dictionnaire = [i for i in dictionnaire if i.type != "dispersion"]
    scindees = []
    for m in mesures:
        if m.code_caf != "011":
            scindees.append(m)
            continue
        part = Decimal(data.draw(st.integers(0, int(m.valeur))))
        scindees += [m._replace(valeur=part), m._replace(code_caf="012", valeur=m.valeur - part)]
    groupes = {
        code: [*membres, *(m._replace(code_caf="012") for m in membres if m.code_caf == "011")]
        for code, membres in RESEAU.groupes.items()
    }
    reseau = Reseau({**RESEAU.caf, "012": "84"}, RESEAU.cpam, groupes, RESEAU.vies)

    def hors_caf(valeurs: list[Valeur]) -> list[Valeur]:
        return [v for v in valeurs if v.niveau != "caf"]

    assert hors_caf(compute(dictionnaire, scindees, reseau)) == hors_caf(compute(dictionnaire, mesures))


@TIRAGES
@given(dictionnaire=dictionnaires(2), mesures=histoires(MOIS[:4]), data=st.data())
def test_the_order_of_measures_and_definitions_changes_nothing(
    dictionnaire: list[Indicateur], mesures: list[Mesure], data: st.DataObject
) -> None:
    melangees = data.draw(st.permutations(mesures))
    assert compute(dictionnaire[::-1], melangees) == compute(dictionnaire, mesures)


@pytest.mark.parametrize(("valeurs", "attendu"), [((6, 10), "0"), ((5, 10), "0"), ((4, 10), "sans_objet")])
def test_a_caisse_under_the_threshold_does_not_count_in_a_spread(
    valeurs: tuple[int, int], attendu: str
) -> None:
    dispersion = define("d", "dispersion", "s", "n")
    mois = str(MOIS[0])
    mesures = [
        Mesure(mois, caf, None, nom, None, None, Decimal(v))
        for caf, n in zip(("011", "021"), valeurs, strict=True)
        for nom, v in (("s", 2 * n), ("n", n))
    ]
    [nation] = [v for v in compute([dispersion], mesures) if v.niveau == "national" and v.mois == mois]
    assert nation.statut == ("definitif" if attendu == "0" else attendu)
