"""Who applies in a month: new applicants, spouses, people who apply twice or again."""

from dataclasses import dataclass

import numpy as np

from aller_vers.poste.synthetique.parametres import Parametres
from aller_vers.poste.synthetique.territoire import Territoire
from aller_vers.poste.synthetique.tirages import Entiers, Flux, open_stream
from aller_vers.socle.mois import Mois

DELAIS_RENOUVELLEMENT_MOIS = (3, 6, 12)
"""Months after which people of an earlier month apply again, a third each. Guess."""


@dataclass(frozen=True)
class Composition:
    """How many applications of a chunk come from whom; the whole follows from the parameters and the seed."""

    nouveaux: int
    """New applicants, one application each."""
    anciens_inconnus: int
    """Among them, renewals by people whose first application precedes the source."""
    conjoints: int
    doubles: int
    renouvellements: tuple[tuple[Mois, int], ...]
    """Earlier month and number of its applicants who apply again."""

    @property
    def total(self) -> int:
        """Applications of the chunk."""
        return self.nouveaux + self.conjoints + self.doubles + sum(n for _, n in self.renouvellements)


@dataclass(frozen=True)
class Noyau:
    """What a later month needs to know of the new applicants of a chunk."""

    lieux: Entiers
    """Places at the deposit."""
    lieux_du_jour: Entiers
    """Places today, after the moves."""
    prestations: Entiers

    def keep(self, n: int) -> "Noyau":
        """Return the first `n`."""
        return Noyau(self.lieux[:n], self.lieux_du_jour[:n], self.prestations[:n])


def count_demandes(parametres: Parametres, mois: Mois) -> int:
    """Return the number of applications deposited in the month."""
    attendu = parametres.demandes_ajpa_par_mois + parametres.demandes_ajpp_par_mois
    ecart = float(open_stream(parametres.graine, Flux.VOLUME, mois).standard_normal())
    return max(1, round(attendu * (1 + parametres.variation_mensuelle * max(-3.0, min(3.0, ecart)))))


def count_blocs(parametres: Parametres, mois: Mois) -> int:
    """Return the number of chunks of the month."""
    return -(-count_demandes(parametres, mois) // parametres.taille_bloc)


def compose(parametres: Parametres, mois: Mois, bloc: int) -> Composition:
    """Say who makes the applications of a chunk."""
    n = _count_demandes_bloc(parametres, mois, bloc)
    debut = parametres.mois_debut
    part = n * parametres.part_renouvellement / len(DELAIS_RENOUVELLEMENT_MOIS)
    renouvellements = []
    for delai in DELAIS_RENOUVELLEMENT_MOIS:
        ancien = mois.shift(-delai)
        if ancien >= debut and bloc < count_blocs(parametres, ancien):
            renouvellements.append((ancien, min(round(part), count_stables(parametres, ancien, bloc))))
    connus = sum(nombre for _, nombre in renouvellements)
    conjoints = round(n * parametres.part_demandes_conjoint)
    doubles = round(n * parametres.part_demandes_multiples)
    return Composition(
        nouveaux=n - conjoints - doubles - connus,
        anciens_inconnus=max(0, round(n * parametres.part_renouvellement) - connus),
        conjoints=conjoints,
        doubles=doubles,
        renouvellements=tuple(renouvellements),
    )


def _count_demandes_bloc(parametres: Parametres, mois: Mois, bloc: int) -> int:
    return min(parametres.taille_bloc, count_demandes(parametres, mois) - bloc * parametres.taille_bloc)


def count_stables(parametres: Parametres, mois: Mois, bloc: int) -> int:
    """Return how many new applicants a chunk has for certain: the parameters keep them above half of it."""
    return max(0, _count_demandes_bloc(parametres, mois, bloc) // 2 - 2)


def draw_noyau(parametres: Parametres, territoire: Territoire, mois: Mois, bloc: int) -> Noyau:
    """Draw the places and benefits of the new applicants of a chunk, and some more: the same each time."""
    n = _count_demandes_bloc(parametres, mois, bloc)
    rng = open_stream(parametres.graine, Flux.NOYAU, mois, bloc)
    lieux = territoire.draw_lieux(rng, n)
    prestations = (rng.random(n) >= parametres.part_ajpa).astype(np.int64)
    partis = rng.random(n) < parametres.part_demenagement
    ailleurs = territoire.draw_lieux(rng, n)
    return Noyau(lieux, np.where(partis, ailleurs, lieux), prestations)
