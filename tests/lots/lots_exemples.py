"""A published month of a few people, and what an independent reader finds on the share."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from pydantic import SecretStr
from sqlalchemy import Connection, text

from aller_vers.lots.depot import LotDepose, write_lot
from aller_vers.lots.relecture import judge_lots
from aller_vers.partage.partage import Partage
from aller_vers.qualite.verdicts import Jugement
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import replace_partition
from aller_vers.socle.reglages import Reglages
from bases_copiees import find_moteur

JUIN = Mois(2025, 6)
CLE = "c" * 32
MAINTENANT = datetime(2025, 7, 1, 4, 5, tzinfo=UTC)
CLAIRE = ("claire@example.org", "01 99 00 12 34", "83000")
PAUL = ("paul@example.org", None, "83100")
ZOE = (None, "01 99 00 56 78", None)
Personne = tuple[str | None, str | None, str | None]


def make_reglages(cle: str | None = CLE, **reglages: Any) -> Reglages:
    return Reglages(cle_identite=SecretStr(cle) if cle is not None else None, **reglages)


@dataclass
class Depot:
    """A warehouse as ``av_etl`` and a share: the month is published, lots are written, facts are read."""

    dsn: str
    racine: Path
    partage: Partage | None = None
    dsn_qualite: str = ""

    def run(self, ordre: str, *, dsn: str = "", **parametres: Any) -> list[Any]:
        with find_moteur(dsn or self.dsn).connect() as entrepot:
            resultat = entrepot.execute(text(ordre), parametres)
            lignes = list(resultat) if resultat.returns_rows else []
            entrepot.commit()
            return lignes

    def connect(self) -> Connection:
        return find_moteur(self.dsn).connect()

    def judge_lots(self, run_id: str) -> Jugement:
        with find_moteur(self.dsn_qualite).connect() as qualite:
            jugement = judge_lots(qualite, JUIN, run_id)
            qualite.commit()
        return jugement

    def publish(self, lots: dict[str, Sequence[Personne]], run_id: str = "r1", depot: bool = True) -> None:
        """Publish the month with these people by Caf, every named Caf judged « conforme »."""
        with self.connect() as entrepot:
            replace_partition(entrepot, "core.demandeur", str(JUIN))
            rangees = [(caf, *p) for caf, personnes in lots.items() for p in personnes]
            for rang, (caf, courriel, telephone, code_postal) in enumerate(rangees):
                entrepot.execute(
                    text("INSERT INTO core.demandeur VALUES ('2025-06', :id, :caf, :c, :t, :p)"),
                    {"id": str(rang), "caf": caf, "c": courriel, "t": telephone, "p": code_postal},
                )
            entrepot.execute(text("DELETE FROM core.publication"))
            entrepot.execute(
                text("INSERT INTO core.publication VALUES ('2025-06', :r, :d, :n, :n)"),
                {"r": run_id, "d": depot, "n": len(rangees)},
            )
            entrepot.commit()
        for caf in lots:
            self.judge(caf, "conforme", run_id=run_id)

    def judge(
        self, caf: str, verdict: str, *regles: tuple[str, str] | tuple[str, str, int | None], run_id: str = "r1",
        mois: Mois = JUIN,
    ) -> None:  # fmt: skip
        """Give a Caf its verdict at the gate, and the rules behind it: (rule, verdict, count); others keep theirs."""
        dits = [
            {"code_caf": caf, "regle": regle, "severite": "info", "verdict": dit, "nombre": nombre[0] if nombre else None}
            for regle, dit, *nombre in (("ensemble", verdict), *regles)
        ]  # fmt: skip
        self.run(
            "SELECT dq.rendre(:mois, 'requete', :r, CAST(:dits AS jsonb) || coalesce((SELECT jsonb_agg(to_jsonb(v))"
            " FROM dq.verdict AS v WHERE v.mois = :mois AND v.gate = 'requete' AND v.run_id = :r"
            " AND v.code_caf IS DISTINCT FROM :caf), '[]'))",
            mois=str(mois), r=run_id, caf=caf, dits=json.dumps(dits), dsn=self.dsn_qualite,
        )  # fmt: skip

    def write(self, caf: str = "831", reglages: Reglages | None = None, **options: Any) -> LotDepose:
        """Write a Caf's lot and commit; ``options``: of ``write_lot`` (``motif``, ``trouver_secret``)."""
        with self.connect() as entrepot:
            lot = write_lot(
                entrepot, self.partage or Partage(str(self.racine)), reglages or make_reglages(), JUIN, caf,
                MAINTENANT, **options,
            )  # fmt: skip
            entrepot.commit()
        return lot

    def journal(self, caf: str = "831") -> list[tuple[Any, ...]]:
        """Return (version, state) of every event of the lot as a whole, oldest first."""
        lignes = self.run(
            "SELECT version, etat FROM suivi.evenement WHERE code_caf = :caf AND code_cpam IS NULL ORDER BY id",
            caf=caf,
        )
        return [tuple(ligne) for ligne in lignes]

    def count_avis(self) -> int:
        return int(self.run("SELECT count(*) FROM suivi.avis")[0][0])

    def lot(self, version: int = 1, caf: str = "831") -> Path:
        return self.racine / caf / "2025-06" / f"v{version}"

    def snapshot(self) -> dict[str, tuple[bytes, int]]:
        """Return bytes and modification time of every file of the share."""
        return {
            str(f.relative_to(self.racine)): (f.read_bytes(), f.stat().st_mtime_ns)
            for f in sorted(self.racine.rglob("*"))
            if f.is_file()
        }

    def read_lot(self, caf: str = "831") -> dict[str, Any] | None:
        """Read as a Caf's own tool would: the newest version with a manifest, complete, or no lot at all."""
        versions = [v for v in self.racine.glob(f"{caf}/2025-06/v*") if (v / "manifeste.json").exists()]
        if not versions:
            return None
        newest = max(versions, key=lambda v: int(v.name[1:]))
        manifeste: dict[str, Any] = json.loads((newest / "manifeste.json").read_bytes())
        for fichier in manifeste["fichiers"]:
            octets = (newest / fichier["nom"]).read_bytes()
            assert hashlib.sha256(octets).hexdigest() == fichier["sha256"]
            assert len(octets) == fichier["octets"]
            if fichier["lignes"] is not None:
                assert len(read_rows(octets)) == fichier["lignes"] + 1
        return manifeste


def read_rows(octets: bytes) -> list[tuple[Any, ...]]:
    """Return the values of a workbook's only sheet."""
    classeur = load_workbook(io.BytesIO(octets))
    assert len(classeur.worksheets) == 1
    return list(classeur.worksheets[0].iter_rows(values_only=True))


def confirm_nord(depot: Depot) -> None:
    depot.run("DELETE FROM marts.perimetre WHERE code_cpam LIKE '59%'")
    depot.run(
        "INSERT INTO marts.perimetre VALUES ('594', '59140', 'confirmé'), ('595', '59000', 'confirmé'),"
        " ('597', '59100', 'confirmé'), ('599', '59300', 'confirmé')"
    )
