"""What is hidden of every measure of a month: denominators first, and corrections beside what was published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from aller_vers.diffusion.secret.correction import correct_famille
from aller_vers.diffusion.secret.couples import Couples
from aller_vers.diffusion.secret.incomplets import find_incomplets, hide_incomplets
from aller_vers.diffusion.secret.lecture import Cle, Lecture, find_regions
from aller_vers.diffusion.secret.modele import Comptes, Motif, Part, Publie
from aller_vers.diffusion.secret.protection import protect_ensemble
from aller_vers.diffusion.secret.termes import find_denominateurs, group_parts, join_liens
from aller_vers.indicateurs.modele import NATION, Reseau

Etat = Mapping[str, Publie]


@dataclass(frozen=True)
class Mesures:
    """The measures of a month: their counts, what each Cpam gave of them, and what the indicators read."""

    comptes: Mapping[str, Comptes]
    couples: Mapping[str, Couples]
    lectures: Mapping[Cle, Lecture]
    reseau: Reseau
    seuil: int

    def find_parents(self) -> dict[str, set[str]]:
        """Return the measures that include each one."""
        taux = {(le.numerateur, le.denominateur) for le in self.lectures.values() if le.inclus}
        return find_denominateurs(self.comptes, {(n, d) for n, d in taux if n and d})

    def find_regions(self, terme: str) -> Mapping[str, str]:
        """Return the region of each unit that gives a measure."""
        return find_regions(_find_maille(terme), self.reseau)


def decide(
    mesures: Mesures, avant: Etat | None, figes: frozenset[str], petits: Mapping[str, set[str]]
) -> tuple[dict[str, Publie], set[str]]:
    """Return what is hidden of each measure, and the measures of which a correction has to wait.

    Args:
        mesures: the month's.
        avant: what the last vintage hid.
        figes: measures that have to wait whatever their correction is.
        petits: by measure, the regions, or the nation, that are hidden for another reason.
    """
    parents = mesures.find_parents()
    groupes = group_parts(mesures.comptes, parents)
    etat, refuses = _correct_all(mesures, avant, parents, groupes, figes) if avant else ({}, set())
    groupes = [g for g in groupes if not set(g) & (etat.keys() | refuses)]  # never published yet
    while groupes:
        # A denominator is always decided before what it includes.
        groupe = next((g for g in groupes if all(parents[t] - set(g) <= etat.keys() for t in g)), groupes[0])
        groupes.remove(groupe)
        lieux = {lieu for t in groupe for lieu in petits.get(t, ())}
        impose = Motif(frozenset(), frozenset(lieux - {NATION}), bool(lieux))
        etat |= _protect_groupe(mesures, groupe, parents, etat, impose)
    return etat, refuses


def _find_maille(terme: str) -> str:
    return terme.partition(":")[0]


def _protect_groupe(
    mesures: Mesures, groupe: Sequence[str], parents: Mapping[str, set[str]], etat: Etat, impose: Motif
) -> dict[str, Publie]:
    """Protect parts of one whole; what a Caf gives alone is protected alone, unless the nation pays for it."""
    parts = [
        Part(
            mesures.comptes[t],
            [etat[p] for p in sorted(parents[t]) if p in etat],
            mesures.couples.get(t, {}),
            [mesures.comptes[e] for e in sorted(mesures.comptes.keys() - set(groupe)) if t in parents[e]],
        )
        for t in groupe
    ]
    motifs = _protect_parts(mesures, groupe[0], parts, impose)
    if any(p.isolees for p in parts) and any(m.nation for m in motifs):
        parts = [replace(p, inclus=()) for p in parts]
        motifs = _protect_parts(mesures, groupe[0], parts, impose)
    return {
        t: Publie(p.comptes, m, p.couples, p.isolees) for t, p, m in zip(groupe, parts, motifs, strict=True)
    }


def _protect_parts(mesures: Mesures, terme: str, parts: Sequence[Part], impose: Motif) -> list[Motif]:
    """Return what parts of one whole hide; a Caf of an incomplete return is shown, or costs the sums."""
    regions, seuil = mesures.find_regions(terme), mesures.seuil
    trouves = [find_incomplets(p, seuil) for p in parts]
    partages, genants = set[str]().union(*(t for t, _ in trouves)), set[str]().union(*(g for _, g in trouves))
    while True:
        motifs = protect_ensemble(
            parts, regions, seuil, caf_publiees=_find_maille(terme) in ("caf", "couple"),
            impose=impose | hide_incomplets(parts, genants, regions),
        )  # fmt: skip
        caches = {c for m in motifs for c in m.caf} & partages
        if caches <= genants:
            return motifs
        genants |= caches


def _correct_all(
    mesures: Mesures, avant: Etat, parents: Mapping[str, set[str]], groupes: Iterable[Sequence[str]],
    figes: frozenset[str],
) -> tuple[dict[str, Publie], set[str]]:  # fmt: skip
    """Correct the measures that hang together, or leave them as they were."""
    etat: dict[str, Publie] = {}
    refuses: set[str] = set()
    liens: list[Iterable[str]] = [lecture.termes for lecture in mesures.lectures.values()]
    liens += [*groupes, *({t, *siens} for t, siens in parents.items())]
    for famille in join_liens(liens, mesures.comptes.keys() | avant.keys()):
        anciens = {t: avant[t] for t in famille if t in avant}
        nouveaux = {
            t: Publie(mesures.comptes[t], Motif(), mesures.couples.get(t, {}))
            for t in sorted(famille)
            if t in mesures.comptes
        }
        if not anciens:
            continue
        trouves = None
        if not (famille & figes and any(p.motif.caf for p in anciens.values())):
            regions = mesures.find_regions(min(famille))
            trouves = correct_famille(nouveaux, anciens, parents, regions, mesures.seuil)
        if trouves is None:
            refuses |= famille
        etat |= anciens if trouves is None else trouves
    return etat, refuses
