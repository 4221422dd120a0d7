"""Every type of indicator by brute force: people laid out one by one, fractions, no histogram nor running sum.

The command's engine is held against it here; the warehouse's is held against the command's (test_moteur.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st
from reseaux import (
    CIBLES,
    GROUPES,
    MOIS,
    NOMBRE_TIRAGES,
    RESEAU,
    dictionnaires,
    dictionnaires_complets,
    histoires,
    lignes_denses,
)

from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.dictionnaire import Composant, Indicateur
from aller_vers.indicateurs.homogeneite import Action, score_actions, score_territoires
from aller_vers.indicateurs.modele import Mesure, Valeur
from aller_vers.socle.mois import Mois

SEUIL = 5
TIRAGES = settings(max_examples=NOMBRE_TIRAGES, deadline=None)
CALCULES = [MOIS[n] for n in (0, 1, 12, 13)]
Unite = tuple[str | None, str | None]
Personnes = tuple[Fraction, Fraction, list[int]]  # numerator, denominator, each person's class


def settle(mesures: list[Mesure]) -> list[Mesure]:
    """Take measures as received: nothing of them moves."""
    return [m._replace(mesuree_le=None) for m in mesures]


def round_decimal(valeur: Fraction) -> Decimal:
    exacte = Decimal(floor(abs(valeur) * 10**12 * 2 + 1) // 2).scaleb(-12)
    return exacte if valeur >= 0 else -exacte


def read_unite(i: Indicateur, m: Mesure) -> Unite | None:
    caf, cpam = m.code_caf, m.code_cpam
    par_maille: dict[str, Unite] = {
        "national": (None, None), "caf": (caf, None), "cpam": (None, cpam), "couple": (caf, cpam)
    }  # fmt: skip
    unite = par_maille[i.maille]
    return unite if i.maille == "national" or any(unite) else None


def count_personnes(i: Indicateur, mois: Mois, mesures: Sequence[Mesure], unite: Unite) -> Personnes | None:
    """Return what a unit gives of a month; None unless it gives everything that the definition reads."""
    denominateur = i.numerateur if i.type == "evolution" else i.denominateur or ()
    avant = mois.shift(-(i.recul_mois or 0))
    numerateur, total, personnes = Fraction(0), Fraction(0), list[int]()
    for composant, lu, est_numerateur in (
        *((c, mois, True) for c in i.numerateur), *((c, avant, False) for c in denominateur)
    ):  # fmt: skip
        lignes = [
            m for m in mesures
            if (m.mois, m.mesure) == (str(lu), composant.mesure) and read_unite(i, m) == unite
            and composant.modalite in ("*", m.modalite)
        ]  # fmt: skip
        histogramme = i.type in ("quantile", "au_dela") or (i.type == "moyenne" and i.denominateur is None)
        if histogramme:
            lignes = [m for m in lignes if m.classe is not None]
        if not lignes:
            return None
        retenues = [m for m in lignes if is_dans(composant, m.classe)]
        if histogramme:
            personnes += [m.classe for m in retenues for _ in range(int(m.valeur)) if m.classe is not None]
        elif est_numerateur:
            numerateur += sum(Fraction(composant.poids) * Fraction(m.valeur) for m in retenues)
        else:
            total += sum(Fraction(composant.poids) * Fraction(m.valeur) for m in retenues)
    return numerateur, total, personnes


def is_dans(c: Composant, classe: int | None) -> bool:
    if c.classe_min is None and c.classe_max is None:
        return True
    return classe is not None and classe in range(
        c.classe_min or 0, (99 if c.classe_max is None else c.classe_max) + 1
    )


def evaluate(i: Indicateur, unites: Sequence[Personnes]) -> tuple[Decimal | None, str]:
    if not unites:
        return None, "non_fourni"
    numerateur, total = sum(n for n, _, _ in unites), sum(d for _, d, _ in unites)
    personnes = sorted(classe for _, _, classes in unites for classe in classes)
    match i.type:
        case "compte":
            return round_decimal(Fraction(numerateur)), "definitif"
        case "quantile" | "au_dela" | "moyenne" if i.denominateur is None:
            if not personnes:
                return None, "sans_objet"
            if i.type == "moyenne":
                return round_decimal(Fraction(sum(personnes), len(personnes))), "definitif"
            rang = len(personnes) * Fraction(i.quantile or 0)
            if i.type == "au_dela":
                # Each person is as many as the order has decimals: how many of them are beyond is then whole.
                lents = sorted(p for p in personnes for _ in range(rang.denominator))[
                    int(rang * rang.denominator) :
                ]
                return round_decimal(Fraction(sum(lents), len(lents))), "definitif"
            haut = personnes[floor(rang)]
            bas = personnes[floor(rang) - 1] if rang == floor(rang) else haut
            return round_decimal(Fraction(bas + haut, 2)), "definitif"
        case "dispersion":
            couts = sorted(round_decimal(n / d) for n, d, _ in unites if d >= SEUIL)
            if len(couts) < 2 or couts[0] == 0:
                return None, "sans_objet"
            return round_decimal(Fraction(couts[-1]) / Fraction(couts[0])), "definitif"
    if total == 0:
        return None, "sans_objet"
    valeur = round_decimal(Fraction(numerateur) / total)
    return (valeur - 1 if i.type == "evolution" else valeur), "definitif"


def list_mois(fin: Mois, periode: str) -> list[Mois]:
    dedans: dict[str, Callable[[Mois], bool]] = {
        "mois": lambda m: m == fin, "annee": lambda m: m.annee == fin.annee,
        "douze_mois": lambda m: m.shift(12) > fin, "origine": lambda m: True,
    }  # fmt: skip
    return [m for m in CALCULES if m <= fin and dedans[periode](m)]


def is_du_territoire(niveau: str, territoire: str, unite: Unite, fin: Mois) -> bool:
    """Tell whether a unit is of a territory; of a group: one of its pairs, begun by then, has all that the unit names."""
    caf, cpam = unite
    region = RESEAU.caf.get(caf or "") or RESEAU.cpam.get(cpam or "")
    if caf == "031" and fin >= Mois(2025, 6):
        unite = (caf := "041", cpam)
    if caf == "041" and fin >= Mois(2025, 11):
        unite = (caf := "011", cpam)
    if niveau == "groupe":
        couples = [
            {(0, m.code_caf), (1, m.code_cpam)}
            for m in GROUPES[territoire.removeprefix("hors_")] if m.depuis is None or not m.depuis > fin
        ]  # fmt: skip
        nommes = {(rang, code) for rang, code in enumerate(unite) if code}
        return any(nommes <= couple for couple in couples) != territoire.startswith("hors_")
    return territoire == {"national": "FR", "region": region, "caf": caf, "cpam": cpam}[niveau]


def compute_brut(
    i: Indicateur, mesures: Sequence[Mesure]
) -> Iterable[tuple[tuple[str, ...], Decimal | None, str]]:
    unites = sorted({u for m in mesures if (u := read_unite(i, m))}, key=str)
    valables = [m for m in CALCULES if i.valable_du <= m.debut]
    for fin in valables:
        for periode in ("mois", *i.periodes):
            donnees: dict[Unite, Personnes] = {}
            for unite in unites:
                parts = [
                    p for m in list_mois(fin, periode) if m in valables
                    if (p := count_personnes(i, m, mesures, unite)) is not None
                ]  # fmt: skip
                if parts:
                    n, d, listes = zip(*parts, strict=True)
                    donnees[unite] = (
                        Fraction(sum(n)),
                        Fraction(sum(d)),
                        [x for liste in listes for x in liste],
                    )
            for niveau in i.niveaux:
                for territoire in RESEAU.list_territoires(niveau, fin):
                    siennes = [p for u, p in donnees.items() if is_du_territoire(niveau, territoire, u, fin)]
                    abandonne = i.abandonne is not None and i.abandonne <= fin.debut
                    valeur = (None, "sans_objet") if abandonne else evaluate(i, siennes)
                    yield (str(fin), periode, niveau, territoire), *valeur


@TIRAGES
@given(dictionnaire=dictionnaires_complets(), mesures=histoires(CALCULES, lignes_denses).map(settle))
def test_every_value_is_that_of_people_counted_one_by_one(
    dictionnaire: list[Indicateur], mesures: list[Mesure]
) -> None:
    for i in dictionnaire:
        valeurs = compute_valeurs([i], mesures, RESEAU, SEUIL, CALCULES)
        brutes = {cle: (valeur, statut) for cle, valeur, statut in compute_brut(i, mesures)}
        assert {v[2:6]: (v.valeur, v.statut) for v in valeurs} == brutes


def note(i: Indicateur, v: Valeur) -> Fraction | None:
    """Return what a value is worth, from its definition alone; None when it does not count."""
    cibles = [c for jour, c in sorted(CIBLES.items()) if jour <= Mois.parse(v.mois).debut] if i.cibles else []
    if i.nature != "IR" or not cibles or v.statut == "sans_objet":
        return None
    if v.valeur is None:
        return Fraction(0)
    manque = (Decimal(cibles[-1]) - v.valeur) * (1 if i.sens == "plus" else -1)
    if manque <= 0:
        return Fraction(1)
    return (
        Fraction(1, 2)
        if i.bande_quasi_atteint is not None and manque <= i.bande_quasi_atteint
        else Fraction(0)
    )


@TIRAGES
@given(dictionnaire=dictionnaires(8), mesures=histoires(CALCULES[:2], lignes_denses).map(settle))
def test_every_score_is_that_of_its_values_one_by_one(
    dictionnaire: list[Indicateur], mesures: list[Mesure]
) -> None:
    par_code = {i.code: i for i in dictionnaire}
    valeurs = compute_valeurs(dictionnaire, mesures, RESEAU, SEUIL, CALCULES[:2])
    notes = {v: n for v in valeurs if v.periode == "mois" and (n := note(par_code[v.code], v)) is not None}
    brutes = {}
    for mois, niveau, territoire, axe in {
        (v.mois, v.niveau, v.territoire, axe) for v in notes for axe in ("ensemble", par_code[v.code].axe) if axe
    }:  # fmt: skip
        siens = [
            (n, Fraction(par_code[v.code].points or 0)) for v, n in notes.items()
            if (v.mois, v.niveau, v.territoire) == (mois, niveau, territoire)
            and axe in ("ensemble", par_code[v.code].axe)
        ]  # fmt: skip
        brutes[mois, niveau, territoire, axe] = (
            len(siens), round_decimal(sum(n for n, _ in siens) / Fraction(len(siens))),
            sum(n * p for n, p in siens), sum(p for _, p in siens),
        )  # fmt: skip
    scores = score_territoires(dictionnaire, valeurs)
    assert {s[:4]: (s.nb_indicateurs, s.taux, s.points_obtenus, s.points_possibles) for s in scores} == brutes


ETATS = {"mise_en_oeuvre": 2, "partielle": 1, "non_effectuee": 0, "obsolete": None}


@TIRAGES
@given(plan=st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(sorted(ETATS))), max_size=30))
def test_actions_are_counted_one_by_one(plan: list[tuple[str, str]]) -> None:
    bilans = {
        b.axe: b for b in score_actions(Action(str(n), "F", axe, etat) for n, (axe, etat) in enumerate(plan))
    }  # type: ignore[arg-type]
    assert set(bilans) == {"ensemble", *(axe for axe, _ in plan)}
    for axe, bilan in bilans.items():
        siennes = [ETATS[etat] for a, etat in plan if axe in ("ensemble", a)]
        comptees = [demis for demis in siennes if demis is not None]
        assert bilan.nb_actions == len(siennes)
        assert bilan.obsoletes == siennes.count(None)
        assert bilan.taux == (round_decimal(Fraction(sum(comptees), 2 * len(comptees))) if comptees else None)
