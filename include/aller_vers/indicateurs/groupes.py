"""A group of caisses beside the rest of the network, before and since a month, by the formulas of every territory.

Computed when somebody asks: nothing of it is kept nor published, so no published figure can be told from another by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from aller_vers.indicateurs.calcul import Sommes, build_index, cumulate, evaluate, sum_unites
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import Mesure, Reseau, Statut, Valeur
from aller_vers.mesures.echeances import SANS_ATTENTE, Echeances, Unite
from aller_vers.socle.groupes import GroupeDeCaisses
from aller_vers.socle.mois import Mois

PeriodeGroupe = Literal["mois", "avant", "depuis"]
_GROUPE, _RESTE = "groupe", "reste"


class Comparaison(NamedTuple):
    """An indicator of a group and of all other caisses, over the months from ``du`` to ``au``."""

    groupe: str
    code: str
    version: int
    libelle: str
    unite: str
    periode: PeriodeGroupe
    du: str
    au: str
    valeur: Decimal | None
    statut: Statut
    valeur_reste: Decimal | None
    statut_reste: Statut


def compare_groupe(
    groupe: GroupeDeCaisses, dictionnaire: Sequence[Indicateur], load: Callable[[Mois], Iterable[Mesure]],
    calcules: Sequence[Mois], reseau: Reseau, seuil: int, depuis: Mois, echeances: Echeances = SANS_ATTENTE,
) -> list[Comparaison]:  # fmt: skip
    """Return each indicator for the last of these months, then over those before ``depuis`` and those since.

    ``load`` gives what the definitions read for a month. A change against an earlier month (« evolution ») adds up to
    nothing over several: it has its last month alone. An indicator of the nation alone has no group.
    """
    partage = Reseau(
        {code: _GROUPE if code in groupe.caf else _RESTE for code in reseau.caf},
        {code: _GROUPE if code in groupe.cpam else _RESTE for code in reseau.cpam},
    )
    locaux = [i for i in dictionnaire if i.maille != "national"]
    sommes: dict[str, dict[Mois, dict[Unite, Sommes]]] = defaultdict(dict)
    for mois in sorted(calcules):
        index = build_index(load(mois))
        for indicateur in (i for i in locaux if i.is_valable(mois)):
            sommes[indicateur.cle][mois] = sum_unites(indicateur, mois, index, echeances)
    comparaisons = []
    for indicateur in locaux:
        applique = echeances.find_seuil(seuil, indicateur.mesures_comptees)
        donnes = sommes.get(indicateur.cle, {})
        periodes: dict[PeriodeGroupe, list[Mois]] = {"mois": [m for m in donnes if m == max(calcules)]}
        if indicateur.type != "evolution":
            periodes |= {
                "avant": [m for m in donnes if m < depuis], "depuis": [m for m in donnes if m >= depuis],
            }  # fmt: skip
        for periode, retenus in periodes.items():
            if not retenus:
                continue
            fin = max(retenus)
            unites = donnes[fin] if periode == "mois" else cumulate(donnes[m] for m in retenus)
            valeurs: dict[str, Valeur] = {
                v.territoire: v
                for v in evaluate(indicateur, fin, periode, unites, partage, applique, echeances)
                if v.niveau == "region"
            }
            lui, autres = valeurs[_GROUPE], valeurs[_RESTE]
            comparaisons.append(
                Comparaison(
                    groupe.code, indicateur.code, indicateur.version, indicateur.libelle, indicateur.unite,
                    periode, str(min(retenus)), str(fin), lui.valeur, lui.statut, autres.valeur, autres.statut,
                )
            )  # fmt: skip
    return comparaisons
