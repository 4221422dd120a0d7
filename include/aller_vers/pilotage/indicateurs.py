"""« Indicateurs »: national values, targets, trends, homogeneity, ranking; the definition beside each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import groupby

from sqlalchemy import Connection

from aller_vers.indicateurs import Indicateur, load_dictionnaire
from aller_vers.indicateurs.entonnoir import Place, Termes, place_caisses
from aller_vers.indicateurs.modele import Homogeneite
from aller_vers.mesures.echeances import Echeances, load_fiches
from aller_vers.pilotage.repartition import Barre, Entonnoir, build_barres, build_entonnoir, find_classes
from aller_vers.rapports.groupes import LigneDeGroupe, read_groupes
from aller_vers.rapports.plan import Famille, load_plan
from aller_vers.socle.erreurs import IntrouvableError
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages
from aller_vers.socle.sql import run_sql

# Months of a series; sets of twelve months that a process keeps.
RECUL, _GARDES = 24, 4
NIVEAUX = {"caf": "Caf", "cpam": "Cpam", "region": "Régions"}


@dataclass(frozen=True)
class LigneIndicateur:
    """An indicator of the month, for the nation or a Caf; ``reference`` is what it is compared with.

    ``publication``: the status under which it is published, rounded; None: it is not. ``serie``: its final values of 24
    months, the month last. ``situations``: how many Caf stand where over twelve months, as far as chance allows to say.
    ``douze_mois``: a Caf's counts over twelve months, beside the nation's; ``place``: what chance lets say of them.
    ``contre``: the same of another month, which stands beside.
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
    serie: tuple[Decimal | None, ...] = ()
    situations: Mapping[str, int] | None = None
    douze_mois: Termes | None = None
    douze_mois_nation: Termes | None = None
    place: Place | None = None
    douze_mois_autre: Termes | None = None
    contre: LigneIndicateur | None = None

    @property
    def ecart_cible(self) -> Decimal | None:
        """How far the nation is from its target, in the unit of the indicator."""
        return None if self.valeur is None or self.cible is None else self.valeur - self.cible

    @property
    def ecart(self) -> Decimal | None:
        """Difference with the month before."""
        return None if self.valeur is None or self.precedente is None else self.valeur - self.precedente


@dataclass(frozen=True)
class Territoire:
    """A value in the nation, a region or a caisse, and how it is published, rounded (None: it is not).

    ``seuil``: the people from which a month is ranked, as in homogeneity. ``place`` is of twelve months.
    """

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
    seuil: int = 0

    @property
    def is_classe(self) -> bool:
        """Whether it has a value that can no longer move, and enough behind it for chance not to decide of its rank."""
        assez = self.denominateur is None or self.denominateur >= self.seuil
        peu = self.place is not None and self.place.situation == "trop_peu"
        return self.statut == "definitif" and self.valeur is not None and assez and not peu


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
    entonnoir: Entonnoir | None = None

    @property
    def caf(self) -> dict[str, Territoire]:
        """Each Caf's value, by code."""
        return {t.territoire: t for t in self.classement.get("caf", ())}

    @property
    def classes(self) -> dict[str, int]:
        """The class on the map of each Caf that counts enough, 1 to 5."""
        return find_classes(
            {t.territoire: t.valeur for t in self.caf.values() if t.valeur is not None and t.is_classe}
        )

    @property
    def barres(self) -> tuple[Barre, ...]:
        """The distribution of the same values."""
        return build_barres([t.valeur for t in self.caf.values() if t.valeur is not None and t.is_classe])

    def find_point(self, recul: int) -> Point | None:
        """Return the month that came so many months before, if it is in the series."""
        return next((p for p in self.serie if p.mois == self.mois.shift(-recul)), None)

    @property
    def actuel(self) -> Point | None:
        """The month's own value, if it was computed."""
        return self.serie[-1] if self.serie and self.serie[-1].mois == self.mois else None


def load_groupes_compares(
    pilotage: Connection, definition: Indicateur, mois: Mois
) -> tuple[tuple[str, LigneDeGroupe], ...]:
    """Return the indicator of each group beside the rest of the network: what the group is, and its line."""
    groupes = read_groupes(pilotage, mois, [definition], load_reglages().seuil_homogeneite)
    return tuple((g.titre, g.lignes[0]) for g in groupes)


@cache
def load_definitions() -> dict[tuple[str, int], Indicateur]:
    """Return the dictionary by code and version, read once a process."""
    return {(i.code, i.version): i for i in load_dictionnaire()}


def load_liste(pilotage: Connection, mois: Mois) -> list[tuple[Famille, list[LigneIndicateur]]]:
    """Return the month's national indicators by family, in the order of the report."""
    definitions = load_definitions()
    series: dict[tuple[str, int], dict[str, Decimal]] = {}
    for s in run_sql(pilotage, "pilotage/select_series.sql", debut_mois=mois.shift(1 - RECUL), mois=mois):
        series.setdefault((s.code, s.version), {})[s.mois] = s.valeur
    suivis = [str(mois.shift(-n)) for n in range(RECUL - 1, -1, -1)]
    places = load_douze_mois(pilotage, mois)
    lignes = [
        LigneIndicateur(
            definitions[cle], i.valeur, i.statut, i.cible, i.atteinte, i.valeur_precedente,
            i.valeur_an_dernier, None, i.part_atteint, i.nb_attendues, i.publication, i.valeur_publiee, i.definitif_le,
            tuple(series.get(cle, {}).get(m) for m in suivis),
            Counter(p.situation for p in places[cle].places.values()) if cle in places and places[cle].places else None,
        )
        for i in run_sql(
            pilotage, "pilotage/select_indicateurs.sql",
            mois=mois, precedent=mois.shift(-1), an_dernier=mois.shift(-12),
        )
        if (cle := (i.code, i.version)) in definitions
    ]  # fmt: skip
    return _group(lignes)


@dataclass(frozen=True)
class DouzeMois:
    """What each Caf counted of an indicator over twelve months, and where that places it."""

    termes: Mapping[str, Termes]
    places: Mapping[str, Place]

    @property
    def nation(self) -> Termes:
        """The counts of all."""
        return (
            sum((n for n, _ in self.termes.values()), Decimal(0)),
            sum((d for _, d in self.termes.values()), Decimal(0)),
        )


_CONNUS: dict[tuple[Mois, object], dict[tuple[str, int], DouzeMois]] = {}


def load_douze_mois(pilotage: Connection, mois: Mois) -> Mapping[tuple[str, int], DouzeMois]:
    """Return the twelve months that end with this one: computed once as long as the marts are not computed again."""
    bornes = {"debut_mois": mois.shift(-11), "mois": mois}
    cle = (mois, run_sql(pilotage, "pilotage/select_calcul.sql", **bornes).scalar_one())
    if cle not in _CONNUS:
        termes: dict[tuple[str, int], dict[str, Termes]] = {}
        for t in run_sql(pilotage, "pilotage/select_douze_mois_caf.sql", **bornes):
            termes.setdefault((t.code, t.version), {})[t.code_caf] = (t.numerateur, t.denominateur)
        while len(_CONNUS) >= _GARDES:
            _CONNUS.pop(next(iter(_CONNUS)))
        _CONNUS[cle] = {
            d: DouzeMois(de_caf, place_caisses(load_definitions()[d], de_caf))
            for d, de_caf in termes.items()
            if d in load_definitions()
        }
    return _CONNUS[cle]


def load_liste_caf(
    pilotage: Connection, mois: Mois, code_caf: str, autre: str = "", contre: Mois | None = None
) -> list[tuple[Famille, list[LigneIndicateur]]]:
    """Return a Caf's indicators beside the nation's, in the order of the report.

    ``autre``: the code of a Caf that stands beside; ``contre``: a month of the same Caf that does.
    """
    definitions, douze = load_definitions(), load_douze_mois(pilotage, mois)
    a_cote = {
        (ligne.definition.code, ligne.definition.version): ligne
        for _, lignes in (load_liste_caf(pilotage, contre, code_caf) if contre else ())
        for ligne in lignes
    }
    lignes = []
    for i in run_sql(pilotage, "pilotage/select_indicateurs_caf.sql", mois=mois, code_caf=code_caf):
        if (cle := (i.code, i.version)) in definitions:
            # Counts, where the terms are counts of people or acts; an amount or a quantile has none to show.
            compte = douze.get(cle) if definitions[cle].type in ("ratio", "compte", "moyenne") else None
            lignes.append(
                LigneIndicateur(
                    definitions[cle], i.valeur, i.statut, atteinte=i.atteinte, reference=i.valeur_nationale,
                    definitif_le=i.definitif_le,
                    douze_mois=compte.termes.get(code_caf) if compte else None,
                    douze_mois_nation=compte.nation if compte else None,
                    place=compte.places.get(code_caf) if compte else None,
                    douze_mois_autre=compte.termes.get(autre) if compte else None,
                    contre=a_cote.get(cle),
                )
            )  # fmt: skip
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
        pilotage, "pilotage/select_serie.sql", **cles, periodes=[str(mois.shift(-n)) for n in range(RECUL)]
    )
    homogeneite = run_sql(pilotage, "rapports/select_homogeneite_marts.sql", **cles, mois=mois).one_or_none()
    places, termes = _place(pilotage, definition, mois)
    echeances = Echeances(date.max, load_fiches())
    seuil = echeances.find_seuil(load_reglages().seuil_homogeneite, definition.mesures_comptees)
    territoires = [
        Territoire(**t._mapping, place=places.get((t.niveau, t.territoire)), seuil=seuil)
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
        build_entonnoir(
            definition, termes, {code: p for (niveau, code), p in places.items() if niveau == "caf"}
        ),
    )


def _place(
    pilotage: Connection, definition: Indicateur, mois: Mois
) -> tuple[dict[tuple[str, str], Place], dict[str, Termes]]:
    """Place each caisse beside all those of its level, over twelve months; return the terms of the Caf besides."""
    lignes = run_sql(
        pilotage, "pilotage/select_douze_mois.sql",
        code=definition.code, version=definition.version, mois=mois, periodes=[str(mois.shift(-n)) for n in range(12)],
    ).all()  # fmt: skip
    termes: dict[str, dict[str, Termes]] = {"caf": {}, "cpam": {}}
    for ligne in lignes:
        niveau, code = ("caf", ligne.code_caf) if ligne.code_caf is not None else ("cpam", ligne.code_cpam)
        termes[niveau][code] = (ligne.numerateur, ligne.denominateur)
    places = {
        (niveau, code): place
        for niveau, de_caisses in termes.items()
        for code, place in place_caisses(definition, de_caisses).items()
    }
    return places, termes["caf"]


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


@cache
def _order() -> dict[tuple[str, int], tuple[int, Famille]]:
    """Return the place of each definition in the report, and its family, read once a process."""
    plan = load_plan()
    tries = sorted(load_definitions().items(), key=lambda d: (plan.rank(d[1]), d[0]))
    return {cle: (rang, plan.find_famille(definition)) for rang, (cle, definition) in enumerate(tries)}


def _group(lignes: list[LigneIndicateur]) -> list[tuple[Famille, list[LigneIndicateur]]]:
    def place(ligne: LigneIndicateur) -> tuple[int, Famille]:
        return _order()[ligne.definition.code, ligne.definition.version]

    tries = sorted(lignes, key=lambda ligne: place(ligne)[0])
    return [(famille, list(groupe)) for famille, groupe in groupby(tries, key=lambda ligne: place(ligne)[1])]
