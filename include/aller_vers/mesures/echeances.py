"""What each measure says of itself: until when its month can move, what it counts, whether its modalities partition it.

A measure computed in SQL says so in the header of its file, a declared one in ``mesures_declarees.yml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Literal, get_args

from sqlalchemy import Connection

from aller_vers.mesures.declarees import load_mesures_declarees
from aller_vers.socle.calendrier import add_jours_ouvres, first_jour_ouvre
from aller_vers.socle.entrepot import read_jour
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages, load_reglages
from aller_vers.socle.sql import DOSSIER

# mois: counted once the month has ended; suivi: M+4 (annexe 5); transmission: when a missing lot is told to the
# national team; retour: when a Cpam's return is due; certificat: when that of its destruction is; declaration: when a
# declared figure is due.
Horizon = Literal["mois", "suivi", "transmission", "retour", "certificat", "declaration"]
# Each unit is a person or one of a person's own files: few of them say little.
_DE_PERSONNES = frozenset({"personnes", "demandes", "droits"})
_SUITE = re.compile(r"\n--\s{2,}")
_ENTETE = re.compile(r"^-- (\w+): (.+)$", flags=re.MULTILINE)


@dataclass(frozen=True)
class FicheMesure:
    """What a measure says of itself.

    ``compte``: what it counts, as its file says it; ``partition``: its modalities may be added up (``*``).
    """

    horizon: Horizon = "mois"
    compte: str = "personnes"
    partition: bool = False


def read_entete(texte: str) -> dict[str, str]:
    """Return the header of a measure's SQL file, by key."""
    return dict(_ENTETE.findall(_SUITE.sub(" ", texte)))


def parse_fiche(nom: str, texte: str) -> FicheMesure:
    """Read what a measure's SQL file says of it.

    Raises:
        ErreurAllerVers: ``horizon`` or ``compte`` is missing or wrong.
    """
    entete = read_entete(texte)
    horizon, compte = entete.get("horizon"), entete.get("compte")
    if horizon not in get_args(Horizon) or not compte:
        raise ErreurAllerVers(
            f"La mesure {nom} est incomplète.",
            f"donner à son en-tête horizon ({', '.join(get_args(Horizon))}) et compte (personnes, lots, euros…).",
        )
    return FicheMesure(horizon, compte, entete.get("partition") == "oui")  # type: ignore[arg-type]


@cache
def load_fiches() -> Mapping[str, FicheMesure]:
    """Return what each measure says of itself: those of the SQL files and the declared ones."""
    fichiers = sorted({*DOSSIER.glob("*/mesures/*.sql"), *DOSSIER.glob("mesures/a_la_source/*.sql")})
    calculees = {f.stem: parse_fiche(f.name, f.read_text(encoding="utf-8")) for f in fichiers}
    declarees = {
        m.code: FicheMesure("declaration", m.compte, m.partition) for m in load_mesures_declarees().values()
    }
    return calculees | declarees


@dataclass(frozen=True)
class Echeances:
    """Until when measures can move, seen from a day; a measure that no file describes is final when its month ends."""

    jour: date
    fiches: Mapping[str, FicheMesure] = field(default_factory=dict)
    reglages: Reglages = field(default_factory=Reglages)

    def find(self, mesure: str, mois: Mois) -> date:
        """Return the day from which the month of a measure can no longer move, once it is counted again."""
        cle = (self._find_fiche(mesure).horizon, mois)
        if cle not in self._dates:
            self._dates[cle] = self._compute(*cle)
        return self._dates[cle]

    def is_provisoire(self, mesure: str, mois: Mois, mesuree_le: date | None) -> bool:
        """Tell whether what was counted that day can still move; what is received (None) is not counted again."""
        echeance = self.find(mesure, mois)
        return self.jour < echeance or (mesuree_le is not None and mesuree_le < echeance)

    def find_seuil(self, seuil: int, mesures: Iterable[str]) -> int:
        """Return the threshold that applies to a number of these measures: none unless they count people."""
        return seuil if any(self._find_fiche(m).compte in _DE_PERSONNES for m in mesures) else 0

    def _find_fiche(self, mesure: str) -> FicheMesure:
        return self.fiches.get(mesure, FicheMesure())

    @cached_property
    def _dates(self) -> dict[tuple[Horizon, Mois], date]:
        return {}

    def _compute(self, horizon: Horizon, mois: Mois) -> date:
        depot = first_jour_ouvre(mois.shift(1))
        match horizon:
            case "mois":
                return mois.fin
            case "suivi":
                return mois.shift(self.reglages.mois_suivi).fin
            case "transmission":
                return add_jours_ouvres(depot, self.reglages.relance_equipe_jours)
            case "retour":
                transmission = add_jours_ouvres(depot, self.reglages.jours_ouvres_transmission)
                return transmission + timedelta(days=self.reglages.jours_retour)
            case "certificat":
                retour = self._compute("retour", mois)
                cible = Mois.of(retour).shift(self.reglages.mois_certificat)
                return min(cible.debut + timedelta(days=retour.day - 1), cible.fin)
            case "declaration":
                return mois.fin + timedelta(days=self.reglages.jours_declaration)


SANS_ATTENTE = Echeances(date.max)


def load_echeances(entrepot: Connection) -> Echeances:
    """Return the horizons of every measure, seen from the warehouse's day."""
    return Echeances(read_jour(entrepot), load_fiches(), load_reglages())
