"""The manifest: written last, so that a lot without one does not exist. No personal data."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Final, Literal

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.modele_strict import ModeleStrict
from aller_vers.socle.mois import Mois

NOM = "manifeste.json"
SCHEMA: Final = "aller-vers/manifeste/1"


class ManifesteIllisibleError(ErreurAllerVers):
    """A file in the place of a manifest that is not one of ours."""


class Fichier(ModeleStrict):
    """A file of the lot; ``lignes`` is None for a file that holds no person.

    ``sha256`` and ``octets`` are None once a person file has been replaced: an unkeyed hash of it would outlive it,
    and confirm the person of a one-row file.
    """

    nom: str
    destinataire: str | None
    lignes: int | None
    octets: int | None
    sha256: str | None


class Manifeste(ModeleStrict):
    """What a lot is made of, what it replaces and why, and when the share will be purged of it.

    ``liberation``: why a person released it, if the gate held it. ``format``, ``chiffre``: how its person files are.
    """

    schema_version: Literal["aller-vers/manifeste/1"] = SCHEMA
    mois: Mois
    code_caf: str
    nom_caf: str
    version: int
    remplace: int | None
    motif: str
    lignes: int
    identite: str
    format: Literal["xlsx", "csv"] = "xlsx"
    chiffre: bool = False
    fichiers: tuple[Fichier, ...]
    ecartes: dict[str, int]
    verdict: Literal["conforme", "avertissement"]
    regles_en_avertissement: tuple[str, ...]
    liberation: str | None = None
    cree_le: datetime
    purge_le: date

    def forget_empreintes(self) -> Manifeste:
        """Return this manifest without what would tell the content of its person files."""
        oublies = (
            f if f.lignes is None else f.model_copy(update={"octets": None, "sha256": None})
            for f in self.fichiers
        )
        return self.model_copy(update={"fichiers": tuple(oublies)})

    def to_trace(self) -> str:
        """Return what the trace keeps of it: neither what tells the content of a person file, nor a reason.

        The same bytes before and after its person files are forgotten; the reasons are those of the events.
        """
        garde = self.forget_empreintes().model_dump(mode="json", exclude={"motif", "liberation"})
        return json.dumps(garde, ensure_ascii=False, sort_keys=True, indent=2) + "\n"

    def to_bytes(self) -> bytes:
        """Return the manifest as indented UTF-8 JSON."""
        return (self.model_dump_json(indent=2) + "\n").encode()
