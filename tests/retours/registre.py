"""A ledger with dropped lots, a share with mailboxes, and what an agent of a Caf does with them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from fichiers_recus import LIMITES
from sqlalchemy import Connection, text

from aller_vers.partage.partage import Partage
from aller_vers.qualite.verdicts import Decision
from aller_vers.retours.accuse import take_accuse
from aller_vers.retours.bulletin import announce_retours
from aller_vers.retours.fichiers.boite import BilanReception, Boite, collect
from aller_vers.retours.fichiers.formes import DES_CPAM
from aller_vers.retours.fichiers.quarantaine import Quarantaine
from aller_vers.retours.fichiers.tableau import read_tableau
from aller_vers.retours.jugement import Groupe, judge_retours, profile_retours, save_decisions
from aller_vers.retours.publication import Publication, publish_retours
from aller_vers.retours.recus import take_retours
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.reglages import Reglages
from aller_vers.suivi.evenements import record_evenement
from bases_copiees import find_moteur

MAINTENANT = datetime(2025, 8, 20, 6, 0, tzinfo=UTC)
AUJOURD_HUI = MAINTENANT.date()
QUARANTAINE = Quarantaine("quarantaine", timedelta(hours=24))
LIEN = "http://airflow.example.org/dags/retours_cpam/runs/essai"
ACCUSE = "code_caf;mois;version;cpam;lignes;portail;date_transmission;reference\n"
MENSUEL = (
    "code_cpam;code_caf;mois;date_arrete;cibles;contactables;personnes_appelees;personnes_jointes;acceptations;"
    "rdv_pris;rdv_honores;date_fin_traitement;date_destruction\n"
)


@dataclass
class Registre:
    """The warehouse, by role, and a share."""

    dsn: dict[str, str]
    racine: Path
    notes: list[str] = field(default_factory=list)
    attentes: list[float] = field(default_factory=list)

    @contextmanager
    def open(self, role: str = "av_etl") -> Iterator[Connection]:
        with find_moteur(self.dsn[role]).begin() as connexion:
            yield connexion

    def run(self, ordre: str, role: str = "av_etl", **parametres: Any) -> list[tuple[Any, ...]]:
        with self.open(role) as connexion:
            resultat = connexion.execute(text(ordre), parametres)
            return [tuple(ligne) for ligne in resultat] if resultat.returns_rows else []

    def drop(
        self,
        code_caf: str = "831",
        lignes: int = 40,
        version: int = 1,
        mois: str = "2025-06",
        le: date = date(2025, 7, 1),
        etat: Any = "depose",
    ) -> None:
        """Say in the ledger that a lot was dropped (or held) on a day."""
        with self.open() as entrepot:
            record_evenement(
                entrepot, mois=mois, code_caf=code_caf, version=version, etat=etat, acteur="depots_caf",
                preuve={"lignes": lignes},
            )  # fmt: skip
        with self.open("proprietaire") as entrepot:
            entrepot.execute(
                text(
                    "UPDATE suivi.evenement SET cree_le = :le WHERE mois = :m AND code_caf = :c AND version = :v"
                    " AND acteur = 'depots_caf' AND etat = :e"
                ),
                {"le": datetime(le.year, le.month, le.day, 6, 5, tzinfo=PARIS), "m": mois, "c": code_caf,
                 "v": version, "e": etat},
            )  # fmt: skip

    def put(self, nom: str, contenu: bytes | str, code_caf: str = "831") -> Path:
        """Put a file into a Caf's mailbox, an hour ago."""
        fichier = self.racine / code_caf / "retours" / nom
        fichier.parent.mkdir(parents=True, exist_ok=True)
        fichier.write_bytes(contenu.encode() if isinstance(contenu, str) else contenu)
        il_y_a_une_heure = (MAINTENANT - timedelta(hours=1)).timestamp()
        os.utime(fichier, (il_y_a_une_heure, il_y_a_une_heure), follow_symlinks=False)
        return fichier

    def boite(self, *formes: Any, **autres: Any) -> Boite:
        accuses = formes == ("accuse",)

        def take(entrepot: Connection, code_caf: str, forme: Any, tableau: Any) -> object:
            if accuses:
                return take_accuse(entrepot, code_caf, tableau, AUJOURD_HUI)
            return take_retours(entrepot, code_caf, forme, tableau, MAINTENANT)

        champs: dict[str, Any] = {
            "open_entrepot": self.open,
            "partage": Partage(str(self.racine)),
            "limites": LIMITES,
            "maintenant": MAINTENANT,
            "repos": timedelta(seconds=60),
            "quarantaine": QUARANTAINE,
            "wait": self.attentes.append,
            "read": read_tableau,
            "formes": formes,
            "take": take,
        }
        return Boite(**(champs | autres))

    def collect_accuses(self, *cafs: str) -> BilanReception:
        return collect(self.boite("accuse"), cafs or ("831",), self.notes.append)

    def collect_retours(self, *cafs: str) -> BilanReception:
        boite = self.boite(*DES_CPAM)
        return collect(boite, cafs or ("831",), self.notes.append)

    def judge(self, run_id: str = "r1", le: datetime = MAINTENANT) -> dict[Groupe, Decision]:
        with self.open() as entrepot:
            profile_retours(entrepot, run_id)
        with self.open("av_qualite") as qualite:
            retours = judge_retours(qualite, run_id)
        with self.open() as entrepot:
            save_decisions(entrepot, run_id, retours.decisions)
            announce_retours(entrepot, retours, LIEN, le)
        return retours.decisions

    def publish(self, run_id: str = "r1") -> Publication:
        with self.open() as entrepot:
            return publish_retours(entrepot, run_id, Reglages())

    def acknowledge(self, code_caf: str = "831", cpam: str = "831", lignes: int = 40, **autres: Any) -> None:
        """Put the acknowledgement of a lot and have it read."""
        champs = {"mois": "2025-06", "version": 1, "portail": "bluefiles", "le": "04/07/2025", **autres}
        self.put(
            f"accuse_{cpam}.csv",
            f"{ACCUSE}{code_caf};{champs['mois']};{champs['version']};{cpam};{lignes};{champs['portail']};{champs['le']};\n",
            code_caf,
        )
        assert self.collect_accuses(code_caf).pris == 1, self.motifs(code_caf)

    def events(self, *etats: str) -> list[tuple[Any, ...]]:
        """Return (state, Caf, version, Cpam) of what was recorded for a recipient, oldest first."""
        return self.run(
            "SELECT etat, code_caf, version, code_cpam FROM suivi.evenement WHERE code_cpam IS NOT NULL"
            " AND (etat = ANY (:e) OR cardinality(CAST(:e AS text[])) = 0) ORDER BY id",
            e=list(etats),
        )

    def mesures(self, mesure: str, mois: str = "2025-06") -> dict[tuple[Any, ...], int]:
        """Return the values of a measure by (Caf, Cpam, modality or class)."""
        lignes = self.run(
            "SELECT code_caf, code_cpam, coalesce(modalite, classe::text), valeur FROM marts.mesure"
            " WHERE mesure = :n AND mois = :m",
            n=mesure,
            m=mois,
        )
        return {ligne[:3]: int(ligne[3]) for ligne in lignes}

    def files(self, code_caf: str = "831") -> dict[str, list[str]]:
        """Return the names in the mailbox, its « traites » and « refuses », without the time of the former."""
        caf = self.racine / code_caf
        dossiers = {
            "retours": caf / "retours",
            "traites": caf / "retours" / "traites",
            "refuses": caf / "refuses",
        }
        return {
            nom: sorted(
                f.name.split("_", 1)[1] if nom == "traites" else f.name
                for f in d.iterdir()
                if not f.is_dir() and not f.name.endswith(".recu.txt")
            )
            for nom, d in dossiers.items()
            if d.is_dir()
        }

    def motifs(self, code_caf: str = "831") -> dict[str, str]:
        """Return the reasons of refusal by file name."""
        return {
            f.name.removesuffix(".motif.txt"): f.read_bytes().decode("utf-8-sig")
            for f in (self.racine / code_caf / "refuses").glob("*.motif.txt")
        }
