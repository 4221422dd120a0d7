"""What the report of a Caf or a Cpam says: what to do, what was exchanged, its counts over twelve months.

A percentage of a month's fifteen people is noise: a month is shown as counts, twelve months as counts and a rate beside
the published nation, with what chance alone explains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from aller_vers.diffusion.modele import Case
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.entonnoir import Place
from aller_vers.indicateurs.formule import divide
from aller_vers.mesures.echeances import load_fiches
from aller_vers.rapports.contenu import Figure
from aller_vers.rapports.echanges import Acte, Echange
from aller_vers.rapports.plan import Famille, load_plan
from aller_vers.socle.francais import write_nombre
from aller_vers.socle.mois import Mois

Cle = tuple[str, int]
_SITUATIONS = {
    "dans_la_moyenne": "dans la moyenne", "au_dessus": "au-dessus", "au_dessous": "au-dessous", "trop_peu": "trop peu",
}  # fmt: skip
_SOMMES = frozenset({"compte", "ratio", "moyenne"})
_LUS = frozenset({"definitif", "publie", "petit", "trop_peu"})
_RIEN = Figure(None, "")


@dataclass(frozen=True)
class DouzeMois:
    """An indicator over the months of twelve that can no longer move: its terms, its value, how many months."""

    numerateur: Decimal | None
    denominateur: Decimal | None
    valeur: Decimal | None
    mois: int


@dataclass(frozen=True)
class LigneCaisse:
    """An indicator of a caisse: its month, its twelve months, the published nation's, and where it stands beside it."""

    definition: Indicateur
    famille: Famille
    ici: Figure
    termes: tuple[Decimal | None, Decimal | None]
    douze: DouzeMois | None
    nation: Decimal | None
    place: Place | None

    @property
    def is_muette(self) -> bool:
        """Whether it has nothing to show, of the month nor of the year."""
        return self.ici.valeur is None and (self.douze is None or self.douze.valeur is None)

    def write_mois(self) -> str:
        """Return the month as counts (« 2 sur 15 »), or why there is none."""
        if self.ici.valeur is None or self.definition.type != "ratio":
            return self.ici.write(self.definition.unite)
        return _write_termes(*self.termes)

    def write_termes(self) -> str:
        """Return the counts of the twelve months behind a rate or a mean."""
        if self.douze is None or self.douze.denominateur is None:
            return ""
        if self.definition.type == "ratio":
            return _write_termes(self.douze.numerateur, self.douze.denominateur)
        return f"moyenne sur {write_nombre(self.douze.denominateur)}"

    def write_douze(self) -> str:
        """Return the value of the twelve months; that of counts that do not add up is a mean by month."""
        return self._write(None if self.douze is None else self.douze.valeur)

    def write_nation(self) -> str:
        """Return the published nation's value over the same months."""
        return self._write(self.nation)

    def write_place(self) -> str:
        """Return where the caisse stands beside the nation, « nettement » outside the wider limit."""
        if self.place is None:
            return ""
        return "nettement " * (self.place.limite == "99,8 %") + _SITUATIONS[self.place.situation]

    def write_cible(self, mois: Mois) -> str:
        """Return the target in force, empty where there is none."""
        cible = self.definition.find_cible(mois)
        return "" if cible is None else Figure(cible, "").write(self.definition.unite)

    def _write(self, valeur: Decimal | None) -> str:
        if valeur is None:
            return ""
        if is_moyenne_mensuelle(self.definition):
            return f"{write_nombre(valeur, 1 if valeur % 1 else 0)} par mois"
        return Figure(valeur, "").write(self.definition.unite)


@dataclass(frozen=True)
class RapportCaisse:
    """A report: whose it is, what to do, what was exchanged, its lines and their definitions."""

    titre: str
    lecteur: str
    mois: Mois
    jour: date
    note: str
    actes: tuple[Acte, ...]
    echanges: tuple[Echange, ...]
    lignes: tuple[LigneCaisse, ...]

    @property
    def definitions(self) -> list[Indicateur]:
        """The definitions of its lines, in order."""
        return [li.definition for li in self.lignes]

    def group_familles(self) -> list[tuple[Famille, list[LigneCaisse], dict[str, list[str]]]]:
        """Return by family, in order: the lines that say something; the names of the others, by the reason why not."""
        familles = []
        for famille, groupe in groupby(self.lignes, lambda li: li.famille):
            lignes = list(groupe)
            muettes: dict[str, list[str]] = {}
            for li in lignes:
                if li.is_muette:
                    muettes.setdefault(li.ici.write_statut(), []).append(li.definition.libelle)
            familles.append((famille, [li for li in lignes if not li.is_muette], muettes))
        return familles

    def list_ecarts(self) -> list[LigneCaisse]:
        """Return the lines that chance alone does not explain."""
        return [li for li in self.lignes if li.place and li.place.situation in ("au_dessus", "au_dessous")]


def add_up(definition: Indicateur, cases: Iterable[Case], denominateur_minimal: int = 1) -> DouzeMois | None:
    """Return an indicator over the months of these that can no longer move; None for what does not add up."""
    valeurs = [c.valeur for c in cases if c.statut in _LUS and c.valeur.numerateur is not None]
    if definition.type not in _SOMMES or not valeurs:
        return None
    numerateur = sum((v.numerateur for v in valeurs if v.numerateur is not None), Decimal(0))
    if definition.type == "compte":
        valeur = numerateur / len(valeurs) if is_moyenne_mensuelle(definition) else numerateur
        return DouzeMois(numerateur, None, valeur, len(valeurs))
    denominateur = sum((v.denominateur for v in valeurs if v.denominateur is not None), Decimal(0))
    assez = denominateur >= max(denominateur_minimal, 1)
    return DouzeMois(
        numerateur, denominateur, divide(numerateur, denominateur) if assez else None, len(valeurs)
    )


def is_moyenne_mensuelle(definition: Indicateur) -> bool:
    """Tell whether a count is of people whom two months may both count: its months are averaged, not added up."""
    fiches = load_fiches()
    return (
        definition.type == "compte" and definition.frequence == "mois" and not definition.periodes
        and any(m in fiches and fiches[m].compte == "personnes" for m in definition.mesures)
    )  # fmt: skip


def build_lignes(
    mois: Mois,
    dictionnaire: Sequence[Indicateur],
    cases: Mapping[Cle, Sequence[Case]],
    nation: Mapping[Cle, DouzeMois],
    places: Mapping[Cle, Place],
    cumuls: Mapping[Cle, Decimal | None],
) -> tuple[LigneCaisse, ...]:
    """Return the lines of a caisse from what it may see of twelve months.

    Args:
        mois: the last of the twelve.
        dictionnaire: the definitions; of two versions that speak, the newer one is read.
        cases: by definition, its months.
        nation: what is published of it over the same months.
        places: where the caisse stands beside the nation.
        cumuls: what does not add up over twelve months (a quantile), computed as such.
    """
    plan = load_plan()
    parlantes = {
        i.code: i for i in sorted(dictionnaire, key=lambda i: i.version) if (i.code, i.version) in cases
    }
    return tuple(
        _build_ligne(i, mois, cases[i.code, i.version], nation.get((i.code, i.version)),
                     places.get((i.code, i.version)), cumuls.get((i.code, i.version)))
        for i in sorted(parlantes.values(), key=plan.rank)
    )  # fmt: skip


def _build_ligne(
    i: Indicateur, mois: Mois, cases: Sequence[Case], nation: DouzeMois | None, place: Place | None,
    cumul: Decimal | None,
) -> LigneCaisse:  # fmt: skip
    ici = next((c for c in cases if c.valeur.mois == str(mois)), None)
    figure = _RIEN if ici is None else Figure(ici.valeur.valeur, ici.statut, ici.valeur.definitif_le)
    termes = (None, None) if ici is None else (ici.valeur.numerateur, ici.valeur.denominateur)
    douze = add_up(i, cases)
    # A caisse's number and the nation's are not to be compared.
    commune = None if nation is None or i.type == "compte" else nation.valeur
    if douze is None and cumul is not None:
        douze = DouzeMois(None, None, cumul, 12)
    return LigneCaisse(
        i, load_plan().find_famille(i), figure, termes, douze, commune, place
    )  # fmt: skip


def _write_termes(numerateur: Decimal | None, denominateur: Decimal | None) -> str:
    return f"{write_nombre(numerateur)} sur {write_nombre(denominateur)}"
