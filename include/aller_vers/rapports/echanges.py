"""What a caisse sent or received, what came back, and what it has to do before when: from the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from aller_vers.retours.relances import Copie, list_destructions
from aller_vers.socle.calendrier import add_jours_ouvres, add_mois
from aller_vers.socle.entrepot import read_jour
from aller_vers.socle.francais import count, write_de, write_jour
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql

_SANS_SUITE = "–"


@dataclass(frozen=True)
class Echange:
    """A month's lot and one of its Cpam; with nobody in it (``lignes`` 0) nothing is to come.

    Its days: when each step was taken, and before which day it is to be (None: not yet known).
    """

    mois: Mois
    code_caf: str
    nom_caf: str
    code_cpam: str
    nom_cpam: str
    lignes: int
    is_expire: bool
    transmis_le: date | None
    recu_le: date | None
    detruit_le: date | None
    a_transmettre_le: date | None
    retour_du_le: date | None
    certificat_du_le: date | None

    def list_etapes(self, jour: date) -> tuple[str, str, str]:
        """Return where its sending, its return and its destruction stand on this day."""
        if not self.lignes:
            return "rien à transmettre", _SANS_SUITE, _SANS_SUITE
        if self.transmis_le is None:
            attente = (
                "expiré, non transmis" if self.is_expire else _write_etape(None, self.a_transmettre_le, jour)
            )
            return attente, _SANS_SUITE, _SANS_SUITE
        return (
            _write_etape(self.transmis_le, None, jour), _write_etape(self.recu_le, self.retour_du_le, jour),
            _write_etape(self.detruit_le, self.certificat_du_le, jour),
        )  # fmt: skip


@dataclass(frozen=True)
class Acte:
    """Something that a caisse has to do, and before which day."""

    quoi: str
    avant: date
    is_en_retard: bool


@dataclass(frozen=True)
class Echanges:
    """The exchanges of the last months, newest first, and the copies to destroy, as they stood on a day."""

    jour: date
    lignes: tuple[Echange, ...] = ()
    copies: tuple[Copie, ...] = ()
    mois_certificat: int = 1

    def of_caf(self, *codes: str) -> Echanges:
        """Return those of a Caf, and of those that it succeeds."""
        return replace(
            self, lignes=tuple(e for e in self.lignes if e.code_caf in codes),
            copies=tuple(c for c in self.copies if c.code_caf in codes),
        )  # fmt: skip

    def of_cpam(self, code_cpam: str) -> Echanges:
        """Return those of a Cpam: what it was sent."""
        return replace(
            self, lignes=tuple(e for e in self.lignes if e.code_cpam == code_cpam and e.transmis_le),
            copies=tuple(c for c in self.copies if c.code_cpam == code_cpam),
        )  # fmt: skip

    def list_actes_caf(self) -> list[Acte]:
        """Return what a Caf has to do or to obtain, the most urgent first."""
        return self._sort(self._list_actes_caf())

    def list_actes_cpam(self) -> list[Acte]:
        """Return what a Cpam owes, the most urgent first."""
        return self._sort(self._list_actes_cpam())

    def _list_actes_caf(self) -> Iterator[tuple[str, date]]:
        for e in self.lignes:
            mois = write_de(e.mois.libelle)
            if e.lignes and e.transmis_le is None and not e.is_expire and e.a_transmettre_le:
                personnes = count(e.lignes, "personne")
                yield (
                    f"Transmettre le lot {mois} ({personnes}) : {e.nom_cpam}, et déposer l'accusé.",
                    e.a_transmettre_le,
                )
            if e.transmis_le and e.recu_le is None and e.retour_du_le:
                yield f"Obtenir le retour {mois} : {e.nom_cpam}.", e.retour_du_le
            elif e.transmis_le and e.detruit_le is None and e.certificat_du_le:
                yield (
                    f"Obtenir le certificat de destruction du lot {mois} : {e.nom_cpam}.",
                    e.certificat_du_le,
                )
        for c in self.copies:
            yield f"Faire détruire {self._name(c)} : {c.nom_cpam}.", add_mois(c.depuis, self.mois_certificat)

    def _list_actes_cpam(self) -> Iterator[tuple[str, date]]:
        for e in self.lignes:
            mois = write_de(e.mois.libelle)
            if e.recu_le is None and e.retour_du_le:
                yield (
                    f"Rendre le retour {mois} ({count(e.lignes, 'personne')}) à la Caf {e.nom_caf}.",
                    e.retour_du_le,
                )
            if e.detruit_le is None and e.certificat_du_le:
                quoi = f"Détruire le fichier {mois} et rendre le certificat à la Caf {e.nom_caf}."
                yield quoi, e.certificat_du_le
        for c in self.copies:
            quoi = f"Détruire {self._name(c)} et rendre le certificat à la Caf {c.libelle}."
            yield quoi, add_mois(c.depuis, self.mois_certificat)

    def _name(self, c: Copie) -> str:
        pourquoi = "retenue" if c.place == "retenue" else "remplacée"
        return f"la version {c.version} {write_de(Mois.parse(c.mois).libelle)}, {pourquoi}"

    def _sort(self, actes: Iterator[tuple[str, date]]) -> list[Acte]:
        return sorted((Acte(quoi, avant, avant < self.jour) for quoi, avant in actes), key=lambda a: a.avant)


def read_echanges(entrepot: Connection, debut: Mois, mois: Mois, reglages: Reglages) -> Echanges:
    """Return the exchanges of the lots of these months, as they stand today."""
    lignes = run_sql(entrepot, "rapports/select_echanges.sql", debut_mois=str(debut), mois=mois)
    jour = read_jour(entrepot)
    dues = list_destructions(entrepot, jour, reglages.mois_certificat, reglages.jours_retour)
    copies = tuple(d for d in dues if isinstance(d, Copie) and Mois.parse(d.mois) <= mois)
    return Echanges(
        jour, tuple(_build(li._mapping, reglages) for li in lignes), copies, reglages.mois_certificat
    )  # fmt: skip


def _build(ligne: Any, reglages: Reglages) -> Echange:
    transmis = ligne["transmis_le"]
    retour = transmis and transmis + timedelta(days=reglages.jours_retour)
    fin = ligne["date_fin_traitement"] or retour
    depose = ligne["depose_le"]
    return Echange(
        Mois.parse(ligne["mois"]), ligne["code_caf"], ligne["nom_caf"], ligne["code_cpam"], ligne["nom_cpam"],
        ligne["lignes"], ligne["expire"], transmis, ligne["recu_le"], ligne["date_destruction"],
        depose and add_jours_ouvres(depose, reglages.jours_ouvres_transmission, ligne["code_caf"]), retour,
        fin and add_mois(fin, reglages.mois_certificat),
    )  # fmt: skip


def _write_etape(fait_le: date | None, du_le: date | None, jour: date) -> str:
    if fait_le is not None:
        return f"le {write_jour(fait_le)}"
    if du_le is None:
        return _SANS_SUITE
    return f"en retard, dû le {write_jour(du_le)}" if du_le < jour else f"avant le {write_jour(du_le)}"
