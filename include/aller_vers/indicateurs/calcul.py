"""The engine without a warehouse: values of a dictionary on a list of measures, at every level.

Pure: what decides nothing about files nor databases. A unit is what must give both terms of a rate: a Caf, a Cpam, a
pair of them, or the nation (``Indicateur.maille``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from aller_vers.indicateurs.dictionnaire import TOUTES, Composant, Indicateur, Niveau, Periode
from aller_vers.indicateurs.formule import (
    divide,
    find_moyenne,
    find_moyenne_au_dela,
    find_quantile,
    judge_atteinte,
)
from aller_vers.indicateurs.modele import Mesure, Reseau, Statut, Valeur
from aller_vers.mesures.echeances import SANS_ATTENTE, Echeances, Unite
from aller_vers.socle.mois import Mois

Index = dict[tuple[str, str, str | None], list[Mesure]]  # by month, measure, modality
COMPTES: frozenset[Statut] = frozenset({"definitif", "non_fourni"})  # what attainment counts


@dataclass
class Sommes:
    """What a unit, or a territory, adds up to; a histogram's classes for what is read from them.

    ``donne``: something was added up; ``provisoire``: some of it can still move, or was left out for that.
    """

    numerateur: Decimal = Decimal(0)
    denominateur: Decimal = Decimal(0)
    classes: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    donne: bool = False
    provisoire: bool = False

    def add(self, autres: Sommes) -> None:
        """Add another unit's sums."""
        self.numerateur += autres.numerateur
        self.denominateur += autres.denominateur
        self.donne |= autres.donne
        self.provisoire |= autres.provisoire
        for classe, valeur in autres.classes.items():
            self.classes[classe] += valeur


def compute_valeurs(
    dictionnaire: Sequence[Indicateur], mesures: Iterable[Mesure], reseau: Reseau, seuil: int,
    mois: Sequence[Mois] | None = None, echeances: Echeances = SANS_ATTENTE,
) -> list[Valeur]:  # fmt: skip
    """Return every value of the dictionary, sorted: months of the measures unless ``mois`` says which.

    ``seuil``: the number of people from which a caisse counts in a dispersion. ``echeances``: until when each measure
    can move; by default, every measure is final.
    """
    index = build_index(mesures)
    calcules = sorted(mois) if mois is not None else sorted({Mois.parse(m) for m, _, _ in index})
    valeurs: list[Valeur] = []
    for indicateur in dictionnaire:
        applique = echeances.find_seuil(seuil, indicateur.mesures_comptees)
        unites = {
            m: sum_unites(indicateur, m, index, echeances) for m in calcules if indicateur.is_valable(m)
        }
        for fin in unites:
            valeurs += evaluate(indicateur, fin, "mois", unites[fin], reseau, applique, echeances)
            for periode in indicateur.periodes:
                cumul = cumulate([unites[m] for m in unites if is_dans(m, fin, periode)])
                valeurs += evaluate(indicateur, fin, periode, cumul, reseau, applique, echeances)
    return sorted(valeurs, key=lambda v: v[:6])


def build_index(mesures: Iterable[Mesure]) -> Index:
    """Return measures by month, name and modality; those of every modality too."""
    index: Index = defaultdict(list)
    for mesure in mesures:
        for modalite in (mesure.modalite, TOUTES):
            index[mesure.mois, mesure.mesure, modalite].append(mesure)
    return index


def find_echeance(indicateur: Indicateur, mois: Mois, echeances: Echeances) -> date:
    """Return the day from which nothing that the indicator reads for the month can move."""
    return max(echeances.find(composant.mesure, lu) for _, composant, lu in indicateur.list_lectures(mois))


def _find_retards(
    indicateur: Indicateur, mois: Mois, niveau: Niveau, reseau: Reseau, echeances: Echeances
) -> dict[str, date]:
    """Return the day of each territory of which a lot came later than its month's."""
    retards: dict[str, date] = {}
    for _, composant, lu in indicateur.list_lectures(mois):
        for couple, jour in echeances.find_retards(composant.mesure, lu).items():
            if None not in couple and (unite := _find_unite(indicateur, couple)) is not None:
                for territoire in reseau.find_territoires(niveau, unite, mois):
                    retards[territoire] = max(jour, retards.get(territoire, jour))
    return retards


def sum_unites(
    indicateur: Indicateur, mois: Mois, index: Index, echeances: Echeances = SANS_ATTENTE
) -> dict[Unite, Sommes]:  # fmt: skip
    """Return the sums of each unit that gives every component of both terms for the month."""
    termes = indicateur.list_lectures(mois)
    attendu = echeances.jour < find_echeance(indicateur, mois, echeances)
    sommes: dict[Unite, Sommes] = defaultdict(lambda: Sommes(donne=True, provisoire=attendu))
    donnes: dict[Unite, set[int]] = defaultdict(set)
    for rang, (terme, composant, lu) in enumerate(termes):
        normale, retards = echeances.find(composant.mesure, lu), echeances.find_retards(composant.mesure, lu)
        for mesure in index.get((str(lu), composant.mesure, composant.modalite), ()):
            couple = (mesure.code_caf, mesure.code_cpam)
            unite = _find_unite(indicateur, couple)
            if unite is None:
                continue
            if indicateur.is_histogramme and mesure.classe is None:
                continue
            donnes[unite].add(rang)
            siennes = sommes[unite]
            siennes.provisoire |= echeances.is_provisoire(retards.get(couple, normale), mesure.mesuree_le)
            if not _is_dans_les_classes(composant, mesure.classe):
                continue
            if indicateur.is_histogramme and mesure.classe is not None:
                siennes.classes[mesure.classe] += mesure.valeur
            else:
                setattr(siennes, terme, getattr(siennes, terme) + composant.poids * mesure.valeur)
    return {unite: sommes[unite] for unite, rangs in donnes.items() if len(rangs) == len(termes)}


def _find_unite(indicateur: Indicateur, couple: Unite) -> Unite | None:
    """Return the unit to which a row of these caisses belongs; None when the indicator does not look at such rows."""
    caf, cpam = couple
    match indicateur.maille:
        case "national":
            return (None, None)
        case "caf":
            return (caf, None) if caf else None
        case "cpam":
            return (None, cpam) if cpam else None
        case "couple":
            return couple if caf or cpam else None


def _is_dans_les_classes(composant: Composant, classe: int | None) -> bool:
    mini, maxi = composant.classe_min, composant.classe_max
    if mini is None and maxi is None:
        return True
    return classe is not None and (mini or 0) <= classe and (maxi is None or classe <= maxi)


def find_debut(fin: Mois, periode: str) -> Mois | None:
    """Return the first month of the period that ends with ``fin``; None: the first of all."""
    match periode:
        case "annee":
            return Mois(fin.annee, 1)
        case "douze_mois":
            return fin.shift(-11)
        case "origine":
            return None
    return fin


def is_dans(mois: Mois, fin: Mois, periode: Periode) -> bool:
    """Tell whether a month is in the period that ends with ``fin``."""
    debut = find_debut(fin, periode)
    return mois <= fin and (debut is None or mois >= debut)


def cumulate(par_mois: Iterable[dict[Unite, Sommes]]) -> dict[Unite, Sommes]:
    """Add months up, without what can still move: it is only told."""
    cumul: dict[Unite, Sommes] = defaultdict(Sommes)
    for unites in par_mois:
        for unite, sommes in unites.items():
            cumul[unite].add(Sommes(provisoire=True) if sommes.provisoire else sommes)
    return dict(cumul)


def evaluate(
    indicateur: Indicateur, mois: Mois, periode: str, unites: dict[Unite, Sommes], reseau: Reseau, seuil: int,
    echeances: Echeances, niveaux: Sequence[Niveau] | None = None,
) -> Iterator[Valeur]:  # fmt: skip
    """Yield the value of each territory from the sums of its units over a period (« mois »: the month alone).

    ``niveaux``: those that are asked for, all by default.
    """
    cible, abandonne = indicateur.find_cible(mois), indicateur.is_abandonne(mois)
    du_mois = find_echeance(indicateur, mois, echeances)
    for niveau in indicateur.niveaux if niveaux is None else niveaux:
        retards = _find_retards(indicateur, mois, niveau, reseau, echeances) if periode == "mois" else {}
        par_territoire: dict[str, list[Sommes]] = defaultdict(list)
        for unite, sommes in unites.items():
            for territoire in reseau.find_territoires(niveau, unite, mois):
                par_territoire[territoire].append(sommes)
        for territoire in reseau.list_territoires(niveau, mois):
            siennes = par_territoire.get(territoire, [])
            numerateur, denominateur, valeur = (
                (None, None, None) if abandonne else apply_formule(indicateur, siennes, seuil)
            )
            definitif_le = retards.get(territoire, du_mois)
            attendu = echeances.jour < definitif_le or any(u.provisoire for u in siennes)
            donne = any(u.donne for u in siennes)
            statut = _find_statut(abandonne, donne, valeur is not None, attendu)
            atteinte = None
            if cible is not None and statut in COMPTES:
                atteinte = "non_atteinte" if valeur is None else judge_atteinte(indicateur, valeur, cible)
                decision = indicateur.find_decision(mois)
                if decision and niveau == "national" and periode == "mois":
                    atteinte = decision
            yield Valeur(
                indicateur.code, indicateur.version, str(mois), periode, niveau, territoire,  # type: ignore[arg-type]
                numerateur, denominateur, valeur, cible, atteinte, statut, definitif_le,
            )  # fmt: skip


def _find_statut(abandonne: bool, donne: bool, calculee: bool, attendu: bool) -> Statut:
    if abandonne or (donne and not calculee):
        return "sans_objet"
    if not donne:
        return "pas_encore_du" if attendu else "non_fourni"
    return "provisoire" if attendu else "definitif"


def apply_formule(
    indicateur: Indicateur, unites: Sequence[Sommes], seuil: int
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Return numerator, denominator and value of a territory from the sums of its units; no value over nothing."""
    unites = [u for u in unites if u.donne]
    if not unites:
        return None, None, None
    total = Sommes()
    for unite in unites:
        total.add(unite)
    numerateur, denominateur = total.numerateur, total.denominateur
    match indicateur.type:
        case "compte":
            return numerateur, None, numerateur
        case "quantile" | "au_dela" as type_:
            nombre = sum(total.classes.values(), Decimal(0))
            if nombre <= 0 or indicateur.quantile is None:
                return None, nombre, None
            formule = find_quantile if type_ == "quantile" else find_moyenne_au_dela
            return None, nombre, formule(total.classes, indicateur.quantile)
        case "dispersion":
            couts = [
                divide(u.numerateur, u.denominateur)
                for u in unites
                if u.denominateur > 0 and u.denominateur >= seuil
            ]
            if len(couts) < 2:
                return None, None, None
            numerateur, denominateur = max(couts), min(couts)
        case "moyenne" if indicateur.is_histogramme:
            numerateur, denominateur = find_moyenne(total.classes)
    if denominateur <= 0:
        return numerateur, denominateur, None
    valeur = divide(numerateur, denominateur)
    return numerateur, denominateur, valeur - 1 if indicateur.type == "evolution" else valeur
