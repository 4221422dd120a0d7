"""A reduced network, and the search for people where none may be."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from psycopg import sql

from aller_vers.poste.installation import PROJET
from aller_vers.socle import referentiel

RESEAU = ("051", "481", "591", "831", "974")
TRACES = ("zibeline", "loutre", "putois", "99 00 71 2", "9900712")


def read_reference(fichier: Path) -> tuple[list[str], list[dict[str, str]]]:
    with fichier.open(encoding="utf-8", newline="") as flux:
        lecteur = csv.DictReader(flux, delimiter=";")
        return list(lecteur.fieldnames or ()), list(lecteur)


def write_reduced_reference(cible: Path, *autres: str) -> None:
    """Copy the reference with five Caf: two caisses communes, Nord and its four Cpam, the Var, an overseas one.

    ``autres``: more Caf.
    """
    reseau = (*RESEAU, *autres)
    shutil.copytree(
        PROJET / "include" / "reference", cible, ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    conventions = read_reference(cible / "convention.csv")[1]
    gardes = {
        "code_caf": {"", *reseau},
        "code_cpam": {"", *(ligne["code_cpam"] for ligne in conventions if ligne["code_caf"] in reseau)},
    }
    for fichier in cible.glob("*.csv"):
        colonnes, lignes = read_reference(fichier)
        with fichier.open("w", encoding="utf-8", newline="") as flux:
            sortie = csv.DictWriter(flux, colonnes, delimiter=";", lineterminator="\n")
            sortie.writeheader()
            sortie.writerows(
                li for li in lignes if all(li.get(c, "") in codes for c, codes in gardes.items())
            )


def forget_reference() -> None:
    """Let the next reading of the reference be that of another folder."""
    for fonction in vars(referentiel).values():
        if hasattr(fonction, "cache_clear"):
            fonction.cache_clear()


def find_traces(textes: Iterable[str]) -> list[str]:
    """Return the traces of canary people that these texts hold."""
    return [trace for texte in textes for trace in TRACES if trace in texte.lower()]


def find_bavards(reel: Any, *mots: str) -> list[Path]:
    """Return the files that hold a trace of a canary, or one of these words, among all that Airflow's processes write.

    Logs of tasks and of components, what each process says, and whatever else is in Airflow's folder.
    """
    dossiers = (reel.poste.airflow_home, reel.poste.journaux)
    fichiers = [f for dossier in dossiers for f in dossier.rglob("*") if f.is_file()]
    composants = ("api-server", "scheduler", "dag-processor", "triggerer")
    assert {f"airflow-{nom}.log" for nom in composants} <= {f.name for f in fichiers}
    lus = {f: f.read_text(errors="replace") for f in fichiers}
    return [f for f, texte in lus.items() if find_traces([texte]) or any(mot in texte for mot in mots)]


def read_text_of_every_table(reel: Any, base: str, schemas: tuple[str, ...]) -> dict[str, str]:
    """Return every row of every table of these schemas, as text, bytes decoded."""
    with reel.base(base) as connexion:
        tables = connexion.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)", (list(schemas),)
        ).fetchall()
        return {
            f"{schema}.{table}": "\n".join(
                " ".join(v.decode(errors="replace") if isinstance(v, bytes) else str(v) for v in ligne)
                for ligne in connexion.execute(
                    sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, table))
                )
            )
            for schema, table in tables
        }
