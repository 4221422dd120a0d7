"""The engine without a warehouse: values of a dictionary on a list of measures, at every level.

Pure: what decides nothing about files nor databases. A unit is what must give both terms of a rate: a Caf, a Cpam, a
pair of them, or the nation (``Indicateur.maille``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from aller_vers.indicateurs.dictionnaire import TOUTES, Composant, Indicateur, Niveau, Periode
from aller_vers.indicateurs.formule import divide, find_moyenne, find_quantile, judge_atteinte
from aller_vers.indicateurs.modele import Mesure, Reseau, Statut, Valeur
from aller_vers.socle.mois import Mois

Unite = tuple[str | None, str | None]
Index = dict[tuple[str, str, str | None], list[Mesure]]  # by month, measure, modality
_DUREE: dict[Periode, int] = {"douze_mois": 12}


@dataclass
class Sommes:
    """What a unit, or a territory, adds up to; a histogram's classes for what is read from them."""

    numerateur: Decimal = Decimal(0)
    denominateur: Decimal = Decimal(0)
    classes: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, autres: Sommes) -> None:
        """Add another unit's sums."""
        self.numerateur += autres.numerateur
        self.denominateur += autres.denominateur
        for classe, valeur in autres.classes.items():
            self.classes[classe] += valeur


def compute_valeurs(
    dictionnaire: Sequence[Indicateur], mesures: Iterable[Mesure], reseau: Reseau, seuil: int,
    mois: Sequence[Mois] | None = None,
) -> list[Valeur]:  # fmt: skip
    """Return every value of the dictionary, sorted: months of the measures unless ``mois`` says which.

    ``seuil``: the denominator from which a caisse counts in a dispersion.
    """
    index: Index = defaultdict(list)
    for mesure in mesures:
        for modalite in (mesure.modalite, TOUTES):
            index[mesure.mois, mesure.mesure, modalite].append(mesure)
    calcules = sorted(mois) if mois is not None else sorted({Mois.parse(m) for m, _, _ in index})
    valeurs: list[Valeur] = []
    for indicateur in dictionnaire:
        unites = {m: sum_unites(indicateur, m, index) for m in calcules if indicateur.is_valable(m)}
        for fin in unites:
            valeurs += evaluate(indicateur, fin, "mois", unites[fin], reseau, seuil)
            for periode in indicateur.periodes:
                cumul = _cumulate([unites[m] for m in unites if _is_dans(m, fin, periode)])
                valeurs += evaluate(indicateur, fin, periode, cumul, reseau, seuil)
    return sorted(valeurs, key=lambda v: v[:6])


def sum_unites(indicateur: Indicateur, mois: Mois, index: Index) -> dict[Unite, Sommes]:
    """Return the sums of each unit that gives every component of both terms for the month."""
    termes = indicateur.list_lectures(mois)
    sommes: dict[Unite, Sommes] = defaultdict(Sommes)
    donnes: dict[Unite, set[int]] = defaultdict(set)
    for rang, (terme, composant, lu) in enumerate(termes):
        for mesure in index.get((str(lu), composant.mesure, composant.modalite), ()):
            unite = _find_unite(indicateur, mesure)
            if unite is None:
                continue
            if indicateur.is_histogramme and mesure.classe is None:
                continue
            donnes[unite].add(rang)
            if not _is_dans_les_classes(composant, mesure.classe):
                continue
            if indicateur.is_histogramme and mesure.classe is not None:
                sommes[unite].classes[mesure.classe] += mesure.valeur
            else:
                valeur = getattr(sommes[unite], terme) + composant.poids * mesure.valeur
                setattr(sommes[unite], terme, valeur)
    return {unite: sommes[unite] for unite, rangs in donnes.items() if len(rangs) == len(termes)}


def _find_unite(indicateur: Indicateur, mesure: Mesure) -> Unite | None:
    """Return the unit to which a row belongs; None when the indicator does not look at such rows."""
    match indicateur.maille:
        case "national":
            return (None, None)
        case "caf":
            return (mesure.code_caf, None) if mesure.code_caf else None
        case "cpam":
            return (None, mesure.code_cpam) if mesure.code_cpam else None
        case "couple":
            return (mesure.code_caf, mesure.code_cpam) if mesure.code_caf or mesure.code_cpam else None


def _is_dans_les_classes(composant: Composant, classe: int | None) -> bool:
    mini, maxi = composant.classe_min, composant.classe_max
    if mini is None and maxi is None:
        return True
    return classe is not None and (mini or 0) <= classe and (maxi is None or classe <= maxi)


def _is_dans(mois: Mois, fin: Mois, periode: Periode) -> bool:
    """Tell whether a month is in the period that ends with ``fin``."""
    if periode == "annee":
        return mois.annee == fin.annee and mois <= fin
    return mois <= fin and (periode == "origine" or mois > fin.shift(-_DUREE[periode]))


def _cumulate(par_mois: Iterable[dict[Unite, Sommes]]) -> dict[Unite, Sommes]:
    cumul: dict[Unite, Sommes] = defaultdict(Sommes)
    for unites in par_mois:
        for unite, sommes in unites.items():
            cumul[unite].add(sommes)
    return dict(cumul)


def evaluate(
    indicateur: Indicateur, mois: Mois, periode: str, unites: dict[Unite, Sommes], reseau: Reseau, seuil: int
) -> Iterator[Valeur]:  # fmt: skip
    """Yield the value of each territory from the sums of its units over a period (« mois »: the month alone)."""
    cible = indicateur.find_cible(mois)
    for niveau in indicateur.niveaux:
        groupes: dict[str | None, list[Sommes]] = defaultdict(list)
        for unite, sommes in unites.items():
            groupes[_find_territoire(niveau, unite, reseau)].append(sommes)
        for territoire in reseau.list_territoires(niveau):
            if indicateur.is_abandonne(mois):
                numerateur = denominateur = valeur = None
                statut: Statut = "sans_objet"
            else:
                numerateur, denominateur, valeur, statut = apply_formule(
                    indicateur, groupes.get(territoire, []), seuil
                )
            atteinte = None
            if cible is not None and statut != "sans_objet":
                atteinte = "non_atteinte" if valeur is None else judge_atteinte(indicateur, valeur, cible)
                decision = indicateur.find_decision(mois)
                if decision and niveau == "national" and periode == "mois":
                    atteinte = decision
            yield Valeur(
                indicateur.code, indicateur.version, str(mois), periode, niveau, territoire,  # type: ignore[arg-type]
                numerateur, denominateur, valeur, cible, atteinte, statut,
            )  # fmt: skip


def _find_territoire(niveau: Niveau, unite: Unite, reseau: Reseau) -> str | None:
    match niveau:
        case "national":
            return "FR"
        case "region":
            return reseau.find_region(*unite)
        case "caf":
            return unite[0]
        case "cpam":
            return unite[1]


def apply_formule(
    indicateur: Indicateur, unites: Sequence[Sommes], seuil: int
) -> tuple[Decimal | None, Decimal | None, Decimal | None, Statut]:
    """Return numerator, denominator, value and status of a territory from the sums of its units."""
    if not unites:
        return None, None, None, "non_fourni"
    total = Sommes()
    for unite in unites:
        total.add(unite)
    numerateur, denominateur = total.numerateur, total.denominateur
    match indicateur.type:
        case "compte":
            return numerateur, None, numerateur, "fourni"
        case "quantile":
            nombre = sum(total.classes.values(), Decimal(0))
            if nombre <= 0 or indicateur.quantile is None:
                return None, nombre, None, "sans_objet"
            return None, nombre, find_quantile(total.classes, indicateur.quantile), "fourni"
        case "dispersion":
            couts = [
                divide(u.numerateur, u.denominateur)
                for u in unites
                if u.denominateur > 0 and u.denominateur >= seuil
            ]
            if len(couts) < 2:
                return None, None, None, "sans_objet"
            numerateur, denominateur = max(couts), min(couts)
        case "moyenne" if indicateur.is_histogramme:
            numerateur, denominateur = find_moyenne(total.classes)
    if denominateur <= 0:
        return numerateur, denominateur, None, "sans_objet"
    valeur = divide(numerateur, denominateur)
    return (
        numerateur,
        denominateur,
        valeur - 1 if indicateur.type == "evolution" else valeur,
        "fourni",
    )
