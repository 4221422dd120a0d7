"""What is said of the values together: homogeneity between caisses, attainment and points, attainment of actions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from aller_vers.indicateurs.dictionnaire import Atteinte, Indicateur
from aller_vers.indicateurs.formule import SCORE, divide, find_quantile_liste
from aller_vers.indicateurs.modele import Homogeneite, Score, Valeur
from aller_vers.mesures.echeances import SANS_ATTENTE, Echeances

ENSEMBLE = "ensemble"
_ORDRES = (Decimal("0.1"), Decimal("0.5"), Decimal("0.9"))
EtatAction = Literal["mise_en_oeuvre", "partielle", "non_effectuee", "obsolete"]


class Action(NamedTuple):
    """An action of a plan, and where it stands."""

    code: str
    fiche: str
    axe: str
    etat: EtatAction


class BilanActions(NamedTuple):
    """Attainment of the actions of an axis; obsolete ones leave the denominator (IGAS 2017-008R annex 1, §10)."""

    axe: str
    nb_actions: int
    mises_en_oeuvre: int
    partielles: int
    non_effectuees: int
    obsoletes: int
    taux: Decimal | None


def compare_caisses(
    dictionnaire: Sequence[Indicateur], valeurs: Iterable[Valeur], seuil: int,
    echeances: Echeances = SANS_ATTENTE,
) -> list[Homogeneite]:  # fmt: skip
    """Return the homogeneity of each indicator and final month.

    ``seuil``: the number of people from which a caisse counts; what counts something else than people has none.
    """
    par_cle: dict[tuple[str, int, str], list[Valeur]] = defaultdict(list)
    for valeur in valeurs:
        if valeur.periode == "mois":
            par_cle[valeur.code, valeur.version, valeur.mois].append(valeur)
    definitions = {(i.code, i.version): i for i in dictionnaire if i.caisse is not None}
    homogeneites = (
        _compare(i, par_cle[cle], echeances.find_seuil(seuil, i.mesures_comptees))
        for cle in sorted(par_cle)
        if (i := definitions.get(cle[:2])) is not None
    )
    return [h for h in homogeneites if h is not None]


def _compare(indicateur: Indicateur, valeurs: Sequence[Valeur], seuil: int) -> Homogeneite | None:
    [nation] = [v for v in valeurs if v.niveau == "national"]
    if nation.statut in ("provisoire", "pas_encore_du"):
        return None
    caisses = [v for v in valeurs if v.niveau == indicateur.caisse]
    fournies = [
        v for v in caisses
        if v.statut == "definitif" and (v.denominateur is None or v.denominateur >= seuil)
    ]  # fmt: skip
    attendues = len(fournies) + [v.statut for v in caisses].count("non_fourni")
    nombres = [v.valeur for v in fournies if v.valeur is not None]
    quantiles = [find_quantile_liste(nombres, ordre) if nombres else None for ordre in _ORDRES]
    atteints: int | None = None
    part: Decimal | None = None
    atteinte: Atteinte | None = None
    if nation.cible is not None and attendues:
        atteints = [v.atteinte for v in fournies].count("atteinte")
        part = divide(Decimal(atteints), Decimal(attendues))
        if indicateur.part_minimale_caisses is not None:
            atteinte = "atteinte" if part >= indicateur.part_minimale_caisses else "non_atteinte"
    return Homogeneite(
        nation.code, nation.version, nation.mois, nation.valeur, min(nombres, default=None), quantiles[0],
        quantiles[1], quantiles[2], max(nombres, default=None), attendues, len(fournies), atteints, part,
        nation.atteinte, atteinte,
    )  # fmt: skip


def score_territoires(dictionnaire: Sequence[Indicateur], valeurs: Iterable[Valeur]) -> list[Score]:
    """Return attainment and points of each territory and month: result indicators that have a target.

    Attained counts 1, nearly 0.5, not attained or not provided 0; without object or given up leaves the count (IGAS
    2017-008R annex 2, §16). Of two versions of a code, the newer one counts.
    """
    definitions = {(i.code, i.version): i for i in dictionnaire if i.nature == "IR"}
    dernieres: dict[tuple[str, str, str, str], Valeur] = {}
    for v in valeurs:
        if v.periode == "mois" and v.cible is not None and (v.code, v.version) in definitions:
            cle = (v.mois, v.niveau, v.territoire, v.code)
            dernieres[cle] = max(dernieres.get(cle, v), v, key=lambda x: x.version)
    groupes: dict[tuple[str, str, str, str], list[Valeur]] = defaultdict(list)
    for v in dernieres.values():
        if v.atteinte is not None:
            axe = definitions[v.code, v.version].axe
            for nom in {ENSEMBLE, axe} - {None}:
                groupes[v.mois, v.niveau, v.territoire, str(nom)].append(v)
    return [_score(cle, groupes[cle], definitions) for cle in sorted(groupes)]


def _score(
    cle: tuple[str, str, str, str], valeurs: Sequence[Valeur], definitions: dict[tuple[str, int], Indicateur]
) -> Score:  # fmt: skip
    atteintes = [v.atteinte for v in valeurs if v.atteinte is not None]
    notes = [
        (SCORE[a], definitions[v.code, v.version].points or Decimal(0))
        for v, a in zip(valeurs, atteintes, strict=True)
    ]
    return Score(
        cle[0], cle[1], cle[2], cle[3],  # type: ignore[arg-type]
        len(valeurs), atteintes.count("atteinte"), atteintes.count("quasi_atteinte"),
        atteintes.count("non_atteinte"), [v.statut for v in valeurs].count("non_fourni"),
        divide(sum((note for note, _ in notes), Decimal(0)), Decimal(len(notes))),
        sum((note * points for note, points in notes), Decimal(0)),
        sum((points for _, points in notes), Decimal(0)),
    )  # fmt: skip


def score_actions(actions: Iterable[Action]) -> list[BilanActions]:
    """Return the attainment of actions: whole, then by axis."""
    par_axe: dict[str, list[EtatAction]] = defaultdict(list)
    for action in actions:
        par_axe[ENSEMBLE].append(action.etat)
        par_axe[action.axe].append(action.etat)
    axes = [ENSEMBLE, *sorted(set(par_axe) - {ENSEMBLE})]
    return [_score_axe(axe, par_axe[axe]) for axe in axes]


def _score_axe(axe: str, etats: Sequence[EtatAction]) -> BilanActions:
    faites, partielles, obsoletes = (
        etats.count("mise_en_oeuvre"), etats.count("partielle"), etats.count("obsolete"),
    )  # fmt: skip
    comptees = len(etats) - obsoletes
    taux = divide(faites + Decimal("0.5") * partielles, Decimal(comptees)) if comptees else None
    return BilanActions(
        axe, len(etats), faites, partielles, etats.count("non_effectuee"), obsoletes, taux
    )  # fmt: skip
