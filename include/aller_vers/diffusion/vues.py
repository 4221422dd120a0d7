"""Who sees what: from the marts and the diffusion, the values that each reader may be given.

| reader | sees |
|---|---|
| national team | the marts, complete |
| a Caf | its request and lots; the Cpam's results once their quarter (calls) or year is closed, small counts hidden |
| a Cpam | its own returns, complete |
| everybody | the diffusion |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from aller_vers.diffusion.secret.grille import Case
from aller_vers.diffusion.secret.lecture import Cle
from aller_vers.diffusion.secret.termes import name_terme
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import NATION, Valeur
from aller_vers.socle.mois import Mois

Comptes = dict[str, dict[Cle, dict[str, Decimal]]]  # by term and definition, the months

RESULTATS_CPAM = frozenset({"retour_mensuel", "retour_semestriel", "profil_aidant"})
RENDEZ_VOUS = frozenset({"rdv_pris", "rdv_honores", "accompagnements_misas", "orientations_service_social"})


def view_nation(valeurs: Iterable[Valeur]) -> list[Case]:
    """Return what the national team sees: every value as it is."""
    return [Case(v, v.statut) for v in valeurs if v.niveau == "national"]


def view_cpam(code_cpam: str, valeurs: Iterable[Valeur]) -> list[Case]:
    """Return what a Cpam sees of itself: its own returns, complete."""
    return [Case(v, v.statut) for v in valeurs if v.niveau == "cpam" and v.territoire == code_cpam]


def view_caf(
    code_caf: str, valeurs: Iterable[Valeur], dictionnaire: Sequence[Indicateur], mois: Mois, seuil: int
) -> list[Case]:
    """Return what a Caf sees of itself in the month's report.

    ``valeurs``: the months of the year so far. The Cpam's results come once their quarter, or year, is closed.
    """
    definitions = {(i.code, i.version): i for i in dictionnaire}
    a_elle = [
        v for v in valeurs
        if v.niveau == "caf" and v.territoire == code_caf and v.periode == "mois" and (v.code, v.version) in definitions
    ]  # fmt: skip
    comptes = _read_comptes(a_elle, definitions)
    cases: list[Case] = []
    for cle in sorted({(v.code, v.version) for v in a_elle}):
        definition = definitions[cle]
        siennes = [v for v in a_elle if (v.code, v.version) == cle]
        if not definition.mesures & RESULTATS_CPAM:
            cases += [Case(v, v.statut) for v in siennes if v.mois == str(mois)]
            continue
        duree = 12 if _is_rendez_vous(definition) else 3
        if mois.numero % duree == 0:
            debut = mois.shift(1 - duree)
            periode = [v for v in siennes if str(debut) <= v.mois <= str(mois)]
            cases += _hide(definition, periode, mois, duree, seuil, comptes)
    return cases


def view_public(cases: Iterable[Case], niveau: str = "national", territoire: str = NATION) -> list[Case]:
    """Return what everybody sees of a territory."""
    return [c for c in cases if c.valeur.niveau == niveau and c.valeur.territoire == territoire]


def _is_rendez_vous(definition: Indicateur) -> bool:
    composants = (*definition.numerateur, *(definition.denominateur or ()))
    return any(c.modalite in RENDEZ_VOUS or c.mesure != "retour_mensuel" for c in composants)


def _hide(
    definition: Indicateur, valeurs: Sequence[Valeur], mois: Mois, duree: int, seuil: int, comptes: Comptes
) -> list[Case]:  # fmt: skip
    """Return the sum of these months, ``secret`` where one of its counts, or their distance, is small.

    So is what the small months add up to: the others may be published, and subtracted. So is what a rate leaves out of
    a count that is shown beside it: what a Cpam gave without the other term.
    """
    if not valeurs or definition.type not in ("compte", "ratio"):
        return []
    donnees = [v for v in valeurs if v.numerateur is not None]
    modele = valeurs[-1]._replace(mois=str(mois), atteinte=None)
    if not donnees:
        vide = modele._replace(numerateur=None, denominateur=None, valeur=None, statut="non_fourni")
        return [Case(vide, "non_fourni", duree)]
    numerateur = sum((v.numerateur or Decimal(0) for v in donnees), Decimal(0))
    denominateur = (
        sum((v.denominateur or Decimal(0) for v in donnees), Decimal(0)) if definition.denominateur else None
    )
    nombres = [*_list_nombres(donnees, definition), *_list_manques(valeurs, definition, comptes)]
    if any(_is_petit(n, seuil) for n in nombres):
        cachee = modele._replace(numerateur=None, denominateur=None, valeur=None, statut="definitif")
        return [Case(cachee, "secret", duree)]
    if denominateur == 0:
        nulle = modele._replace(
            numerateur=numerateur, denominateur=denominateur, valeur=None, statut="sans_objet"
        )
        return [Case(nulle, "sans_objet", duree)]
    valeur = numerateur if denominateur is None else numerateur / denominateur
    return [
        Case(
            modele._replace(
                numerateur=numerateur, denominateur=denominateur, valeur=valeur, statut="definitif"
            ),
            "definitif",
            duree,
        )
    ]


def _list_nombres(valeurs: Sequence[Valeur], definition: Indicateur) -> list[list[Decimal]]:
    """Return the counts of the months: the numerator, and the denominator and their distance where there is one."""
    numerateurs = [v.numerateur or Decimal(0) for v in valeurs]
    if not definition.denominateur:
        return [numerateurs]
    denominateurs = [v.denominateur or Decimal(0) for v in valeurs]
    return [numerateurs, denominateurs, [d - n for n, d in zip(numerateurs, denominateurs, strict=True)]]


def _name_termes(definition: Indicateur) -> tuple[str | None, str | None]:
    termes = (definition.numerateur, definition.denominateur)
    un, deux = (name_terme(terme, definition.maille) for terme in termes)
    return un, deux


def _read_comptes(valeurs: Iterable[Valeur], definitions: Mapping[Cle, Indicateur]) -> Comptes:
    """Return what each definition counts of each term, by month: a rate counts the pairs that give both of its own."""
    comptes: Comptes = defaultdict(lambda: defaultdict(dict))
    for v in valeurs:
        cle = (v.code, v.version)
        for terme, nombre in zip(_name_termes(definitions[cle]), (v.numerateur, v.denominateur), strict=True):
            if terme and nombre is not None:
                comptes[terme][cle][v.mois] = nombre
    return comptes


def _list_manques(
    valeurs: Sequence[Valeur], definition: Indicateur, comptes: Comptes
) -> Iterator[list[Decimal]]:  # fmt: skip
    """Yield, month by month, what others count of the same terms and this one does not."""
    for terme in filter(None, _name_termes(definition)):
        siens = comptes[terme][definition.code, definition.version]
        for autres in comptes[terme].values():
            ecarts = [autres.get(v.mois, Decimal(0)) - siens.get(v.mois, Decimal(0)) for v in valeurs]
            if sum(ecarts) > 0:
                yield [abs(ecart) for ecart in ecarts]


def _is_petit(mois: Sequence[Decimal], seuil: int) -> bool:
    """Tell whether the sum of these months, or of those of them that are small, is small."""
    petits = [n for n in mois if 0 < n < seuil]
    return 0 < sum(mois) < seuil or len(petits) == 1 or 0 < sum(petits) < seuil
