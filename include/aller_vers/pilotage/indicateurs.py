"""« Indicateurs »: national values, targets, trends, homogeneity, ranking; the definition beside each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import groupby

from sqlalchemy import Connection

from aller_vers.indicateurs import Indicateur, load_dictionnaire
from aller_vers.indicateurs.dictionnaire import AXES
from aller_vers.indicateurs.entonnoir import Place, Termes, place_caisses
from aller_vers.indicateurs.modele import Homogeneite
from aller_vers.socle.erreurs import IntrouvableError
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql

NIVEAUX = {"caf": "Caf", "cpam": "Cpam", "region": "Régions"}


@dataclass(frozen=True)
class LigneIndicateur:
    """An indicator of the month, for the nation or a Caf; ``reference`` is what it is compared with.

    ``publication``: the status under which it is published, rounded; None: it is not.
    """

    definition: Indicateur
    valeur: Decimal | None
    statut: str
    cible: Decimal | None = None
    atteinte: str | None = None
    precedente: Decimal | None = None
    an_dernier: Decimal | None = None
    reference: Decimal | None = None
    part_atteint: Decimal | None = None
    nb_attendues: int | None = None
    publication: str | None = None
    valeur_publiee: Decimal | None = None
    definitif_le: date | None = None

    @property
    def ecart(self) -> Decimal | None:
        """Difference with the month before."""
        return None if self.valeur is None or self.precedente is None else self.valeur - self.precedente


@dataclass(frozen=True)
class Territoire:
    """A value in the nation, a region or a caisse, and how it is published, rounded (None: it is not)."""

    niveau: str
    territoire: str
    libelle: str
    numerateur: Decimal | None
    denominateur: Decimal | None
    valeur: Decimal | None
    atteinte: str | None
    statut: str
    publication: str | None
    valeur_publiee: Decimal | None
    definitif_le: date | None = None
    place: Place | None = None

    @property
    def is_classe(self) -> bool:
        """Whether it has a value, and enough behind it for chance not to decide of its rank."""
        return self.valeur is not None and (self.place is None or self.place.situation != "trop_peu")


@dataclass(frozen=True)
class Point:
    """A month of a series."""

    mois: Mois
    valeur: Decimal | None
    cible: Decimal | None
    statut: str
    definitif_le: date


@dataclass(frozen=True)
class VueIndicateur:
    """All that the screen of one indicator shows; ``classement``: best first, then those without a value."""

    definition: Indicateur
    mois: Mois
    serie: tuple[Point, ...]
    homogeneite: Homogeneite | None
    classement: dict[str, tuple[Territoire, ...]]
    nation: Territoire | None

    @property
    def actuel(self) -> Point | None:
        """The month's own value, if it was computed."""
        return self.serie[-1] if self.serie and self.serie[-1].mois == self.mois else None


@cache
def load_definitions() -> dict[tuple[str, int], Indicateur]:
    """Return the dictionary by code and version, read once a process."""
    return {(i.code, i.version): i for i in load_dictionnaire()}


def load_liste(pilotage: Connection, mois: Mois) -> list[tuple[str, list[LigneIndicateur]]]:
    """Return the month's national indicators by axis, in the order of the axes."""
    definitions = load_definitions()
    lignes = [
        LigneIndicateur(
            definitions[i.code, i.version], i.valeur, i.statut, i.cible, i.atteinte, i.valeur_precedente,
            i.valeur_an_dernier, None, i.part_atteint, i.nb_attendues, i.publication, i.valeur_publiee, i.definitif_le,
        )
        for i in run_sql(
            pilotage, "pilotage/select_indicateurs.sql",
            mois=mois, precedent=mois.shift(-1), an_dernier=mois.shift(-12),
        )
        if (i.code, i.version) in definitions
    ]  # fmt: skip
    return _group(lignes)


def load_liste_caf(
    pilotage: Connection, mois: Mois, code_caf: str
) -> list[tuple[str, list[LigneIndicateur]]]:
    """Return a Caf's indicators of the month beside the nation's, by axis."""
    definitions = load_definitions()
    lignes = [
        LigneIndicateur(
            definitions[i.code, i.version],
            i.valeur,
            i.statut,
            atteinte=i.atteinte,
            reference=i.valeur_nationale,
            definitif_le=i.definitif_le,
        )
        for i in run_sql(pilotage, "pilotage/select_indicateurs_caf.sql", mois=mois, code_caf=code_caf)
        if (i.code, i.version) in definitions
    ]
    return _group(lignes)


def load_indicateur(pilotage: Connection, code: str, version: int | None, mois: Mois) -> VueIndicateur:
    """Read one indicator: its newest version unless another is asked for.

    Raises:
        IntrouvableError: the dictionary has no such definition.
    """
    versions = [v for c, v in load_definitions() if c == code]
    if not versions or (version is not None and version not in versions):
        raise IntrouvableError(
            f"L'indicateur {code[:60]} n'existe pas dans cette version.",
            "le choisir dans la liste des indicateurs.",
        )
    definition = load_definitions()[code, version or max(versions)]
    cles = {"code": code, "version": definition.version}
    serie = run_sql(
        pilotage, "pilotage/select_serie.sql", **cles, periodes=[str(mois.shift(-n)) for n in range(24)]
    )
    homogeneite = run_sql(pilotage, "pilotage/select_homogeneite.sql", **cles, mois=mois).one_or_none()
    places = _place(pilotage, definition, mois)
    territoires = [
        Territoire(**t._mapping, place=places.get((t.niveau, t.territoire)))
        for t in run_sql(pilotage, "pilotage/select_territoires.sql", **cles, mois=mois)
    ]
    return VueIndicateur(
        definition,
        mois,
        tuple(Point(Mois.parse(p.mois), p.valeur, p.cible, p.statut, p.definitif_le) for p in serie),
        Homogeneite._make(homogeneite) if homogeneite else None,
        {
            niveau: rank([t for t in territoires if t.niveau == niveau], definition.sens)
            for niveau in NIVEAUX
            if any(t.niveau == niveau for t in territoires)
        },
        next((t for t in territoires if t.niveau == "national"), None),
    )


def _place(pilotage: Connection, definition: Indicateur, mois: Mois) -> dict[tuple[str, str], Place]:
    """Place each caisse beside all those of its level, over the twelve months that end with this one."""
    lignes = run_sql(
        pilotage, "pilotage/select_douze_mois.sql",
        code=definition.code, version=definition.version, debut_mois=mois.shift(-11), mois=mois,
    ).all()  # fmt: skip
    termes: dict[str, dict[str, Termes]] = {"caf": {}, "cpam": {}}
    for ligne in lignes:
        niveau, code = ("caf", ligne.code_caf) if ligne.code_caf is not None else ("cpam", ligne.code_cpam)
        termes[niveau][code] = (ligne.numerateur, ligne.denominateur)
    return {
        (niveau, code): place
        for niveau, de_caisses in termes.items()
        for code, place in place_caisses(definition, de_caisses).items()
    }


def rank(territoires: list[Territoire], sens: str) -> tuple[Territoire, ...]:
    """Return the best first, then those too small to be ranked and those without a value.

    By code where nothing is better (« neutre »).
    """
    if sens == "neutre":
        return tuple(sorted(territoires, key=lambda t: t.territoire))
    fournis = [t for t in territoires if t.is_classe]
    autres = [t for t in territoires if not t.is_classe]
    signe = -1 if sens == "plus" else 1
    return (
        *sorted(fournis, key=lambda t: (signe * (t.valeur or Decimal(0)), t.territoire)),
        *sorted(autres, key=lambda t: t.territoire),
    )


def _group(lignes: list[LigneIndicateur]) -> list[tuple[str, list[LigneIndicateur]]]:
    rang = list(AXES)

    def axe(ligne: LigneIndicateur) -> tuple[int, str]:
        nom = ligne.definition.axe or ""
        return (rang.index(nom) if nom in rang else len(rang), nom)

    return [
        (AXES.get(cle[1], cle[1].replace("_", " ").capitalize() or "Autres"), list(groupe))
        for cle, groupe in groupby(sorted(lignes, key=axe), key=axe)
    ]
