"""What each measure says of itself: until when its month can move, what it counts, whether its modalities partition it.

A measure computed in SQL says so in the header of its file, a declared one in ``mesures_declarees.yml``.
"""

from __future__ import annotations

import re
from collections import defaultdict
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
from aller_vers.socle.fichiers_edites import read_texte
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages, load_reglages
from aller_vers.socle.sql import DOSSIER, run_sql

# mois: counted once the month has ended; suivi: M+4 (annexe 5); transmission: when a missing lot is told to the
# national team; retour: when a Cpam's return is due; certificat: when that of its destruction is; declaration: when a
# declared figure is due. The three of a lot count from its drop, a return from a sending that came late.
Horizon = Literal["mois", "suivi", "transmission", "retour", "certificat", "declaration"]
Unite = tuple[str | None, str | None]  # a Caf, a Cpam, a pair of them
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
    calculees = {f.stem: parse_fiche(f.name, read_texte(f)) for f in fichiers}
    declarees = {
        m.code: FicheMesure("declaration", m.compte, m.partition) for m in load_mesures_declarees().values()
    }
    return calculees | declarees


@dataclass(frozen=True)
class Depart:
    """When a lot was dropped, and when it was sent if it is later than its Caf had to."""

    depose_le: date
    transmis_le: date | None = None

    def merge(self, autre: Depart | None) -> Depart:
        """Return the later of both."""
        if autre is None:
            return self
        return Depart(
            max(self.depose_le, autre.depose_le),
            max((t for t in (self.transmis_le, autre.transmis_le) if t), default=None),
        )


@dataclass(frozen=True)
class Echeances:
    """Until when measures can move, seen from a day; a measure that no file describes is final when its month ends.

    ``depots``: the day on which each month was dropped, the first business day of the next one unless told.
    ``retards``: the lots dropped or sent later than their month's, by month and unit (Caf, Cpam).
    """

    jour: date
    fiches: Mapping[str, FicheMesure] = field(default_factory=dict)
    reglages: Reglages = field(default_factory=Reglages)
    depots: Mapping[Mois, date] = field(default_factory=dict)
    retards: Mapping[Mois, Mapping[Unite, Depart]] = field(default_factory=dict)

    def find(self, mesure: str, mois: Mois, unite: Unite | None = None) -> date:
        """Return the day from which the month of a measure, of a unit, can no longer move once it is counted again."""
        depart = self.retards.get(mois, {}).get(unite) if unite else None
        cle = (self._find_fiche(mesure).horizon, mois, depart)
        if cle not in self._dates:
            normale = self._compute(cle[0], mois, self._find_depot(mois))
            self._dates[cle] = max(normale, self._compute(cle[0], mois, depart)) if depart else normale
        return self._dates[cle]

    def find_retards(self, mesure: str, mois: Mois) -> Mapping[Unite, date]:
        """Return the day of each unit, and of the pairs they are made of, that comes after the month's own."""
        cle = (mesure, mois)
        if cle not in self._retards:
            normale = self.find(mesure, mois)
            jours = {unite: self.find(mesure, mois, unite) for unite in self.retards.get(mois, {})}
            self._retards[cle] = {unite: jour for unite, jour in jours.items() if jour > normale}
        return self._retards[cle]

    def is_provisoire(self, echeance: date, mesuree_le: date | None) -> bool:
        """Tell whether what was counted that day can still move; what is received (None) is not counted again."""
        return self.jour < echeance or (mesuree_le is not None and mesuree_le < echeance)

    def find_seuil(self, seuil: int, mesures: Iterable[str]) -> int:
        """Return the threshold that applies to a number of these measures: none unless they count people."""
        return seuil if any(self._find_fiche(m).compte in _DE_PERSONNES for m in mesures) else 0

    def _find_fiche(self, mesure: str) -> FicheMesure:
        return self.fiches.get(mesure, FicheMesure())

    def _find_depot(self, mois: Mois) -> Depart:
        prevu = first_jour_ouvre(mois.shift(1))
        return Depart(max(prevu, self.depots.get(mois, prevu)))

    @cached_property
    def _dates(self) -> dict[tuple[Horizon, Mois, Depart | None], date]:
        return {}

    @cached_property
    def _retards(self) -> dict[tuple[str, Mois], dict[Unite, date]]:
        return {}

    def _compute(self, horizon: Horizon, mois: Mois, depart: Depart) -> date:
        reglages = self.reglages
        match horizon:
            case "mois":
                return mois.fin
            case "suivi":
                return mois.shift(reglages.mois_suivi).fin
            case "transmission":
                return add_jours_ouvres(depart.depose_le, reglages.relance_equipe_jours)
            case "retour":
                transmission = add_jours_ouvres(depart.depose_le, reglages.jours_ouvres_transmission)
                return max(transmission, depart.transmis_le or transmission) + timedelta(
                    days=reglages.jours_retour
                )
            case "certificat":
                retour = self._compute("retour", mois, depart)
                cible = Mois.of(retour).shift(reglages.mois_certificat)
                return min(cible.debut + timedelta(days=retour.day - 1), cible.fin)
            case "declaration":
                return mois.fin + timedelta(days=reglages.jours_declaration)


SANS_ATTENTE = Echeances(date.max)


def load_echeances(entrepot: Connection, mois: Iterable[Mois] = ()) -> Echeances:
    """Return the horizons of every measure, seen from the warehouse's day and from the drops that its ledger tells.

    ``mois``: the months of which each late lot counts from its own day.
    """
    depots: dict[Mois, date] = {}
    retards: dict[Mois, dict[Unite, Depart]] = defaultdict(dict)
    for ligne in run_sql(entrepot, "mesures/select_depots.sql", mois=[str(m) for m in mois]):
        lu, caf, cpam = Mois.parse(ligne.mois), ligne.code_caf, ligne.code_cpam
        if caf is None:
            depots[lu] = ligne.depose_le
            continue
        depart, siens = Depart(ligne.depose_le, ligne.transmis_le), retards[lu]
        for unite in ((caf, cpam), (caf, None), (None, cpam)):
            siens[unite] = depart.merge(siens.get(unite))
    return Echeances(read_jour(entrepot), load_fiches(), load_reglages(), depots, retards)
