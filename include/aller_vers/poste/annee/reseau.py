"""What Caf and Cpam do with a lot: when they send, answer and destroy, and the counts that they give."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from aller_vers.poste.annee.scenario import Entonnoir, Reseau
from aller_vers.socle.calendrier import add_jours_ouvres, is_jour_ouvre

Rangee = dict[str, str]


@dataclass(frozen=True)
class Envoi:
    """A lot that a Caf has sent to a Cpam: people, and the day on which they left."""

    mois: str
    code_caf: str
    code_cpam: str
    lignes: int
    jour: date


def open_hasard(graine: int, *cle: str) -> np.random.Generator:
    """Return the stream of chance of this key: the same year gives the same gestures, whatever else is told."""
    empreinte = hashlib.sha256("/".join(cle).encode()).digest()
    return np.random.default_rng([graine, int.from_bytes(empreinte[:8], "big")])


def find_jour_envoi(
    reseau: Reseau, depot: date, mois: str, code_caf: str, *, conges: bool = True
) -> date:  # fmt: skip
    """Return the day on which a Caf sends a lot dropped on this day; later in August, if it is on holiday then."""
    hasard = open_hasard(reseau.graine, "envoi", mois, code_caf)
    delai = int(hasard.integers(reseau.envoi_jours_ouvres[0], reseau.envoi_jours_ouvres[1] + 1))
    if conges and depot.month == 8:
        delai += reseau.aout_jours_ouvres
    return add_jours_ouvres(depot, delai)


def find_jour(reseau: Reseau, depuis: date, bornes: tuple[int, int], *cle: str) -> date:
    """Return the day of the mail to the Caf that follows a delay drawn between these bounds, in calendar days."""
    delai = int(open_hasard(reseau.graine, *cle).integers(bornes[0], bornes[1] + 1))
    jour = depuis + timedelta(days=delai)
    jour += timedelta(days=(reseau.jour_de_courrier - jour.isoweekday()) % 7)
    return jour if is_jour_ouvre(jour) else add_jours_ouvres(jour, 1)


def complete_accuse(
    reseau: Reseau, prefilled: list[Rangee], lignes: int, jour: date, code_caf: str
) -> list[Rangee]:
    """Return the acknowledgement as its Caf completes it: every recipient, the people of each, portal and day.

    Args:
        reseau: habits of the network.
        prefilled: the rows of the lot's own ACCUSE file.
        lignes: people of the lot, shared out where the file does not say how many each recipient has.
        jour: day of the sending.
        code_caf: who sends.
    """
    inconnues = [rangee for rangee in prefilled if not rangee["lignes"]]
    parts = _share(lignes, len(inconnues))
    completes = []
    for rangee in prefilled:
        nombre = rangee["lignes"] or str(parts.pop())
        bluefiles = (
            open_hasard(reseau.graine, "portail", code_caf, rangee["cpam"]).random() < reseau.part_bluefiles
        )
        completes.append(
            rangee
            | {
                "lignes": nombre,
                "portail": rangee["portail"] or ("bluefiles" if bluefiles else "peps"),
                "date_transmission": f"{jour:%d/%m/%Y}",
            }
        )
    return completes


def complete_retour(
    reseau: Reseau, envoi: Envoi, fin: date, destruction: date | None, entonnoir: Entonnoir | None = None
) -> Rangee:
    """Return the monthly return of a Cpam on a lot: each step of the funnel is a part of the former one."""
    hasard = open_hasard(reseau.graine, "entonnoir", envoi.mois, envoi.code_caf, envoi.code_cpam)
    rangee = {
        "code_cpam": envoi.code_cpam,
        "code_caf": envoi.code_caf,
        "mois": envoi.mois,
        "date_arrete": f"{fin:%d/%m/%Y}",
        "date_fin_traitement": f"{fin:%d/%m/%Y}",
        "date_destruction": f"{destruction:%d/%m/%Y}" if destruction else "",
    }
    reste = envoi.lignes
    for etape, part in _list_parts(entonnoir or reseau.entonnoir).items():
        reste = int(hasard.binomial(reste, part))
        rangee[etape] = str(reste)
    rangee["offres_envoyees"] = str(int(hasard.binomial(envoi.lignes, reseau.part_offres_envoyees)))
    return rangee


def mistake_retour(rangee: Rangee) -> Rangee:
    """Return the same return with a mistake that a hurried agent makes: more people reached than called."""
    return rangee | {"personnes_jointes": str(int(rangee["personnes_appelees"]) + 3)}


def _list_parts(entonnoir: Entonnoir) -> Mapping[str, float]:
    return {"cibles": 1.0, **entonnoir.model_dump()}


def _share(total: int, parts: int) -> list[int]:
    return [total // parts + (rang < total % parts) for rang in range(parts)] if parts else []
