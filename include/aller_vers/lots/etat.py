"""What a lot is: on the share, version by version, and in the words of the ledger; read once, then passed down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection

from aller_vers.lots.manifeste import NOM, Manifeste, ManifesteIllisibleError
from aller_vers.partage.partage import Partage
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql

VERSION = re.compile(r"v([1-9][0-9]*)")


class Parole(NamedTuple):
    """What the ledger said of a lot: dropped or held."""

    id: int
    etat: str
    version: int
    motif: str
    preuve: dict[str, Any]


def load_paroles(entrepot: Connection, mois: Mois, code_caf: str) -> list[Parole]:
    """Return what the drop said of this lot, oldest first."""
    lignes = run_sql(entrepot, "lots/select_paroles.sql", mois=mois, code_caf=code_caf)
    return [Parole(e.id, e.etat, e.version, e.motif, e.preuve) for e in lignes]


@dataclass(frozen=True)
class LotPose:
    """What the share holds in ``<caf>/<mois>``; a version without a manifest is one that was interrupted.

    ``versions``: manifests by version, oldest first; ``noms``: everything in the folder.
    """

    dossier: str
    noms: frozenset[str]
    versions: Mapping[int, Manifeste | None]

    @property
    def courant(self) -> Manifeste | None:
        """The newest manifest that stands, None if there is no lot."""
        return next((m for m in reversed(list(self.versions.values())) if m), None)


def read_lot(partage: Partage, mois: Mois, code_caf: str) -> LotPose:
    """Read what the share holds of a Caf's lot.

    Raises:
        ManifesteIllisibleError: a manifest is not one of ours.
    """
    dossier = f"{code_caf}/{mois}"
    noms = frozenset(partage.list(dossier))
    manifestes = {v: _find_manifeste(partage, dossier, v) for v in _sort_versions(noms)}
    return LotPose(dossier, noms, manifestes)


def find_courant(partage: Partage, dossier: str) -> Manifeste | None:
    """Return the manifest of the newest version that stands in ``<caf>/<mois>``, None if there is no lot."""
    versions = reversed(_sort_versions(partage.list(dossier)))
    return next((m for v in versions if (m := _find_manifeste(partage, dossier, v))), None)


def read_manifeste(octets: bytes, chemin: str) -> Manifeste:
    """Read a manifest.

    Raises:
        ManifesteIllisibleError: it is not one of ours.
    """
    try:
        return Manifeste.model_validate_json(octets)
    except ValidationError:
        raise ManifesteIllisibleError(
            f"Le manifeste {chemin} est illisible.",
            "le mettre de côté hors du partage ; le lot sera déposé de nouveau à la prochaine exécution.",
        ) from None


def remove_lot(partage: Partage, mois: str, code_caf: str) -> None:
    """Remove every version of a lot from the share.

    The oldest first, each by its manifest: a reader sees a whole lot or none, never half of one nor a former one.
    """
    dossier = f"{code_caf}/{mois}"
    for version in _sort_versions(partage.list(dossier)):
        partage.remove(f"{dossier}/v{version}/{NOM}")
        partage.remove_dossier(f"{dossier}/v{version}")
    partage.remove_dossier(dossier)


def find_anciens(partage: Partage, mois: str, code_caf: str) -> list[str]:
    """Return the person files of former versions that still stand: a Caf may hold one open."""
    dossier = f"{code_caf}/{mois}"
    return [
        f"v{version}/{nom}"
        for version in _sort_versions(partage.list(dossier))[:-1]
        for nom in partage.list(f"{dossier}/v{version}")
        if nom.startswith("PA_")
    ]


def _sort_versions(noms: Iterable[str]) -> list[int]:
    return sorted(int(trouve[1]) for nom in noms if (trouve := VERSION.fullmatch(nom)))


def _find_manifeste(partage: Partage, dossier: str, version: int) -> Manifeste | None:
    chemin = f"{dossier}/v{version}/{NOM}"
    octets = partage.read(chemin)
    return None if octets is None else read_manifeste(octets, f"{partage.nom}/{chemin}")
