"""What is published: the final values that a definition gives to others, rounded, each dated, a correction too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from aller_vers.diffusion.arrondi import Arrondi
from aller_vers.diffusion.modele import Case
from aller_vers.indicateurs.dictionnaire import TOUTES, Indicateur, Niveau, Terme
from aller_vers.indicateurs.formule import judge_atteinte
from aller_vers.indicateurs.modele import Reseau, Valeur
from aller_vers.mesures.comptes import load_comptes, load_sans_personne
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.identite import require_cle
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import load_sql, run_sql

Place = tuple[str, int, str, str, str, str]  # code, version, month, period, level, territory
Classes = Mapping[Place, Mapping[int, int]]


@dataclass(frozen=True)
class Bilan:
    """What a run published: the cells that stand, those that are new, corrected, withdrawn, and the months touched."""

    cellules: int
    nouvelles: int
    corrigees: int
    retirees: int
    mois: tuple[Mois, ...]


def load_arrondi(reglages: Reglages) -> Arrondi:
    """Return how this installation rounds.

    Raises:
        ErreurAllerVers: the key of identities is missing or too short.
    """
    return Arrondi(require_cle(reglages), reglages.seuil_diffusion, reglages.denominateur_diffusion)


def find_dernier_du(aujourd_hui: date, delai: int) -> Mois:
    """Return the last month that may be published: its returns have had ``delai`` months to come in."""
    return Mois.of(aujourd_hui).shift(-max(delai, 1))


def assemble(
    dictionnaire: Iterable[Indicateur], valeurs: Iterable[Valeur], classes: Classes, reseau: Reseau, arrondi: Arrondi
) -> list[Case]:  # fmt: skip
    """Return what is published of final values, sorted; what a definition keeps inside is left out.

    Args:
        dictionnaire: the definitions.
        valeurs: final values, of any level and period.
        classes: the histogram of each value that is a quantile.
        reseau: the caisses and their regions.
        arrondi: how counts are rounded.
    """
    definitions = {(i.code, i.version): i for i in dictionnaire if i.diffusion.portee != "interne"}
    sans_personne, lieux = load_sans_personne(), Lieux(reseau)
    cases = []
    for v in sorted(valeurs, key=lambda v: v[:6]):
        i = definitions.get((v.code, v.version))
        if i is None or not _is_au_grain(i, v):
            continue
        if i.mesures <= sans_personne:
            cases.append(Case(v, "publie" if v.valeur is not None else v.statut))
        elif i.type not in ("dispersion", "au_dela") and not lieux.is_transparente(
            v, arrondi.base, annuelle=_is_annuel(i, v)
        ):
            cases.append(_round(i, v, classes.get(v[:6], {}), lieux.name(v.niveau, v.territoire), arrondi))
    return cases


class Lieux:
    """The territories as they are counted: a region of one Caf is that Caf."""

    def __init__(self, reseau: Reseau) -> None:
        self._membres: dict[str, list[str]] = {}
        for caf, region in sorted(reseau.caf.items()):
            self._membres.setdefault(region, []).append(caf)

    def name(self, niveau: Niveau, territoire: str) -> str:
        """Return the name under which what is counted there is rounded."""
        membres = self._membres.get(territoire, []) if niveau == "region" else []
        return f"caf/{membres[0]}" if len(membres) == 1 else f"{niveau}/{territoire}"

    def is_transparente(self, v: Valeur, base: int, *, annuelle: bool) -> bool:
        """Tell whether one of a region's Caf would read the others in it.

        Of two, each knows all but the other. Of few, what the Caf give for the same year is left to subtract.
        """
        membres = len(self._membres.get(v.territoire, [])) if v.niveau == "region" else 0
        return membres == 2 or (annuelle and 2 < membres < base)


def name_terme(terme: Terme) -> str:
    """Return what a term counts: the same words for the same people or events, whatever measure counts them.

    Raises:
        ErreurAllerVers: a measure does not say what it counts.
    """
    noms = set()
    for c in terme:
        compte = load_comptes().get(c.mesure)
        if compte is None:
            raise ErreurAllerVers(
                f"La mesure {c.mesure} ne dit pas ce qu'elle compte, et ne peut être diffusée.",
                "donner « -- denombre: » à l'en-tête de son SQL, ou rendre interne l'indicateur qui la lit.",
            )
        entiere = (c.classe_min, c.classe_max) == (None, None)
        modalites = compte.modalites if c.modalite == TOUTES and compte.modalites else (c.modalite,)
        noms |= {
            f"{compte.nom if entiere else c.mesure}|{m or ''}|{c.classe_min}|{c.classe_max}|{c.poids.normalize():f}"
            for m in modalites
        }
    return "+".join(sorted(noms))


def _is_annuel(i: Indicateur, v: Valeur) -> bool:
    return v.periode == "annee" or i.frequence == "annee"


def _is_au_grain(i: Indicateur, v: Valeur) -> bool:
    """Tell whether a definition shows this level over this period: a year is closed in December."""
    grain = i.diffusion.grains.get(v.niveau)
    if v.periode not in ("mois", "annee"):
        return False
    if grain == "annee":
        return _is_annuel(i, v) and Mois.parse(v.mois).numero == 12
    return grain == "mois" and v.periode == "mois"


def _round(i: Indicateur, v: Valeur, classes: Mapping[int, int], ou: str, arrondi: Arrondi) -> Case:
    if v.statut == "non_fourni" or (v.numerateur is None and v.denominateur is None):
        return Case(v._replace(numerateur=None, denominateur=None, valeur=None, atteinte=None), v.statut)
    mois = Mois.parse(v.mois)
    quand = str(mois.annee) if _is_annuel(i, v) else v.mois
    quoi = name_terme(i.numerateur)
    n = d = None
    if v.numerateur is not None:
        nom = f"somme de {quoi}" if i.is_histogramme else quoi
        n = arrondi.round(int(v.numerateur), nom, ou, quand)
    if v.denominateur is not None:
        avant = quand if i.recul_mois is None else str(mois.shift(-i.recul_mois))
        d = arrondi.round(int(v.denominateur), name_terme(i.denominateur or i.numerateur), ou, avant)
    valeur: Decimal | None = None
    if d is None:
        valeur = Decimal(n) if n else None
    elif i.quantile is not None:
        histogramme = {c: arrondi.round(k, f"{quoi}, classe {c}", ou, quand) for c, k in classes.items()}
        valeur = arrondi.find_quantile(histogramme, i.quantile)
    else:
        valeur = arrondi.divide(min(n or 0, d) if i.unite == "part" and i.recul_mois is None else n or 0, d)
        valeur = valeur - 1 if valeur is not None and i.recul_mois is not None else valeur
    atteinte = None if valeur is None or v.cible is None else judge_atteinte(i, valeur, v.cible)
    montre = v._replace(
        numerateur=None if n is None else Decimal(n), denominateur=None if d is None else Decimal(d), valeur=valeur,
        atteinte=atteinte,
    )  # fmt: skip
    return Case(montre, "publie" if valeur is not None else "petit" if d is None else "trop_peu")


def publish_diffusion(
    entrepot: Connection,
    dictionnaire: Sequence[Indicateur],
    reseau: Reseau,
    arrondi: Arrondi,
    dernier_du: Mois,
) -> Bilan:
    """Publish every final value up to a month, in the caller's transaction; a correction replaces, and is dated.

    Safe to run twice and twice at once: what has not changed is not written.

    Raises:
        ErreurAllerVers: a published definition reads a measure that does not say what it counts.
    """
    lock(entrepot, "diffusion", "publication")
    portees = {i.code: i.diffusion.portee for i in dictionnaire if i.diffusion.portee != "interne"}
    parametres = {"mois": str(dernier_du), "codes": sorted(portees)}
    valeurs = [Valeur(*tuple(li)) for li in run_sql(entrepot, "diffusion/select_a_publier.sql", **parametres)]
    classes: dict[Place, dict[int, int]] = {}
    for li in run_sql(entrepot, "diffusion/select_classes.sql", **parametres):
        classes.setdefault(tuple(li)[:6], {})[li.classe] = int(li.nombre)
    nouvelles = {c.valeur[:6]: c for c in assemble(dictionnaire, valeurs, classes, reseau, arrondi)}
    anciennes = {c.valeur[:6]: c for c in read_cases(entrepot)}
    montrees = {p: _read_montre(c) for p, c in anciennes.items()}
    changees = {p: c for p, c in nouvelles.items() if montrees.get(p) != _read_montre(c)}
    retirees = anciennes.keys() - nouvelles.keys()
    _write(entrepot, "diffusion/delete_indicateur.sql", [_name_place(p) for p in retirees])
    _write(
        entrepot, "diffusion/upsert_indicateur.sql",
        [c.valeur._asdict() | {"statut": c.statut, "portee": portees[c.valeur.code]} for c in changees.values()],
    )  # fmt: skip
    corrigees = len(changees.keys() & anciennes.keys())
    mois = sorted({Mois.parse(p[2]) for p in changees.keys() | retirees})
    return Bilan(len(nouvelles), len(changees) - corrigees, corrigees, len(retirees), tuple(mois))


def read_cases(entrepot: Connection, debut: Mois | None = None, fin: Mois | None = None) -> list[Case]:
    """Return what is published: of the months from ``debut`` to ``fin`` and of the years that they close, or all."""
    lignes = run_sql(entrepot, "diffusion/select_publies.sql", debut_mois=debut, fin_mois=fin)
    return [Case(Valeur._make((*tuple(li)[:11], "definitif", None)), li.statut) for li in lignes]


def _read_montre(case: Case) -> tuple[object, ...]:
    """Return what a reader is shown."""
    return (*case.valeur[6:11], case.statut)


def _name_place(place: Place) -> dict[str, str | int]:
    return dict(zip(Valeur._fields[:6], place, strict=True))


def _write(entrepot: Connection, nom: str, lignes: Sequence[Mapping[str, object]]) -> None:
    if lignes:
        entrepot.execute(load_sql(nom), lignes)
