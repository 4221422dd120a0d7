"""A source of a few people, written as one would tell it, and its measures read back from the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import Connection, text

from aller_vers.mesures.a_la_source import BilanMesures, copy_mesures
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import Reglages

JUIN = Mois(2025, 6)
VAR, PARIS = "831", "751"
Valeurs = dict[Any, int]


@dataclass
class Source:
    """The source of a test: each method adds one row and returns its identifier."""

    connexion: Connection

    def __post_init__(self) -> None:
        self._ids = count(1)

    def personne(self, caf: str = VAR, sexe: str | None = "F", naissance: int | None = 1970) -> int:
        numero = self._add("dossier", id_dossier=next(self._ids), code_caf=caf)
        return self._add(
            "personne", id_personne=next(self._ids), id_dossier=numero, opposition_contact=False,
            sexe=sexe, annee_naissance=naissance,
        )  # fmt: skip

    def demande(
        self, personne: int, depot: str = "2025-06-10", decision: str | None = None, *,
        etat: str = "deposee", prestation: str = "AJPA", nature: str = "initiale", lien: str | None = None,
        caf: str = VAR,
    ) -> int:  # fmt: skip
        return self._add(
            "demande", id_demande=next(self._ids), id_personne=personne, code_caf=caf,
            code_caf_gestionnaire=PARIS, prestation=prestation, nature=nature, date_depot=depot, etat=etat,
            date_decision=decision, lien_aide=lien,
        )  # fmt: skip

    def droit(
        self, personne: int, ouverture: str, *, demande: int | None = None, separation: int | None = None,
        prestation: str = "AJPA", montant: str = "100", nouveau: bool = True, caf: str = VAR,
    ) -> int:  # fmt: skip
        return self._add(
            "droit", id_droit=next(self._ids), id_personne=personne, code_caf=caf, id_demande=demande,
            id_separation=separation, prestation=prestation, date_ouverture=ouverture,
            montant_mensuel_eur=montant, nouveau=nouveau,
        )  # fmt: skip

    def recalcul(self, droit: int, jour: str, sens: str, montant: str = "50") -> int:
        return self._add(
            "recalcul", id_recalcul=next(self._ids), id_droit=droit, code_caf=VAR, date_recalcul=jour,
            sens=sens, montant_eur=montant,
        )  # fmt: skip

    def separation(self, personne: int, jour: str = "2025-06-10", enfants: int = 1, caf: str = VAR) -> int:
        return self._add(
            "separation", id_separation=next(self._ids), id_personne=personne, code_caf=caf,
            date_declaration=jour, enfants_a_charge=enfants,
        )  # fmt: skip

    def contact(
        self, personne: int, jour: str, canal: str = "telephone", *, sens: str = "entrant",
        motif: str = "suivi_demande", caf: str = VAR,
    ) -> int:  # fmt: skip
        return self._add(
            "contact", id_contact=next(self._ids), id_personne=personne, code_caf=caf, sens=sens,
            canal=canal, motif=motif, date_contact=jour,
        )  # fmt: skip

    def rendez_vous(
        self, personne: int, jour: str, nature: str, *, separation: int | None = None, honore: bool = True
    ) -> int:
        return self._add(
            "rendez_vous", id_rendez_vous=next(self._ids), id_personne=personne, code_caf=VAR,
            id_separation=separation, nature=nature, date_rendez_vous=jour, honore=honore,
        )  # fmt: skip

    def accompagnement(self, personne: int, jour: str, nature: str, separation: int | None = None) -> int:
        return self._add(
            "accompagnement", id_accompagnement=next(self._ids), id_personne=personne, code_caf=VAR,
            id_separation=separation, nature=nature, date_realisation=jour,
        )  # fmt: skip

    def agent(
        self, entree: str, sortie: str | None = None, formation: str | None = None, *, perimetre: bool = True
    ) -> int:
        return self._add(
            "agent", id_agent=next(self._ids), code_caf=VAR, en_perimetre_separation=perimetre,
            date_entree=entree, date_sortie=sortie, date_formation=formation,
        )  # fmt: skip

    def supports(self, mois: str, destinataire: str, nombre: int) -> None:
        self._add("support_communication", code_caf=VAR, mois=mois, destinataire=destinataire, nombre=nombre)

    def _add(self, table: str, **valeurs: Any) -> int:
        colonnes = ", ".join(valeurs)
        self.connexion.execute(
            text(f"INSERT INTO {table} ({colonnes}) VALUES ({', '.join(':' + c for c in valeurs)})"), valeurs
        )
        return int(next(iter(valeurs.values()))) if str(next(iter(valeurs.values()))).isdigit() else 0


@dataclass
class Atelier:
    """A source and a warehouse; what was added to the source is committed before it is measured."""

    source: Source
    entrepot: Connection

    def measure(self, mois: Mois = JUIN, *, suivi: bool = False, **reglages: Any) -> BilanMesures:
        """Compute the month's measures; what was asked of the source is left as it was."""
        self.source.connexion.commit()
        try:
            return copy_mesures(
                self.source.connexion, self.entrepot, mois, Reglages(**reglages), tuple(load_caf()),
                suivi=suivi,
            )  # fmt: skip
        finally:
            self.source.connexion.rollback()

    def read(self, mesure: str, mois: Mois = JUIN, caf: str = VAR) -> Valeurs:
        """Return the values of one Caf that are not 0, by modality, or by modality and class."""
        lignes = self.entrepot.execute(
            text(
                "SELECT modalite, classe, valeur FROM marts.mesure WHERE mois = :mois AND mesure = :mesure"
                " AND code_caf = :caf AND valeur <> 0"
            ),
            {"mois": str(mois), "mesure": mesure, "caf": caf},
        )
        return {
            ligne.modalite if ligne.classe is None else (ligne.modalite, ligne.classe): int(ligne.valeur)
            for ligne in lignes
        }


def jour(texte: str) -> date:
    """Read a date."""
    return date.fromisoformat(texte)
