"""Reference data: Caf, Cpam, regions, postcodes, perimeters and conventions.

The files and their provenance are described in ``include/reference/README.md``. Each is read once per folder;
what the ``load_*`` functions return is shared by every caller and is never to be modified.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from aller_vers.socle.erreurs import ErreurAllerVers

# The territory that all others make up; where a Caf is expected (ledger, gates), everything that is of no single Caf.
NATION = "FR"

_CODE_POSTAL = re.compile(r"\d{5}", flags=re.ASCII)
_REGION_FRANCE = "FR"
# Saint-Barthélemy and Saint-Martin share the numbering plan of Guadeloupe.
_REGION_TELEPHONE = {
    "971": "GP",
    "972": "MQ",
    "973": "GF",
    "974": "RE",
    "976": "YT",
    "977": "GP",
    "978": "GP",
}


@dataclass(frozen=True)
class Caf:
    """A Caf, or a caisse commune in its part of Caf (``caf.csv``).

    ``fiabilite_code`` is « à confirmer » where the Caf was born of a merger: the SIREN is the safe key.
    """

    code_caf: str
    nom: str
    libelle_court: str
    departements: tuple[str, ...]
    code_region: str
    siren: str
    fiabilite_code: str

    @property
    def libelle(self) -> str:
        """``831 · Var``, as files, notices and pages name the Caf."""
        return f"{self.code_caf} · {self.libelle_court}"


@dataclass(frozen=True)
class Cpam:
    """A caisse on the Maladie side: Cpam, CGSS, CSSM or caisse commune (``cpam.csv``).

    ``type_caisse`` is ``CPAM``, ``CGSS``, ``CSSM`` or ``CCSS``; ``perimetre`` says the territory in words.
    """

    code_cpam: str
    nom: str
    departements: tuple[str, ...]
    type_caisse: str
    perimetre: str
    fiabilite_perimetre: str

    @property
    def is_caisse_commune(self) -> bool:
        """Whether Caf and Cpam are one body: nothing leaves it (Hautes-Alpes, Lozère)."""
        return self.type_caisse == "CCSS"


@dataclass(frozen=True)
class CodePostal:
    """A postcode, its main department and the region of the Caf of that department (``code_postal.csv``).

    ``autres_departements`` is not empty for the few postcodes that lie across two departments.
    """

    code_postal: str
    departement: str
    code_region: str
    population: int
    nb_communes: int
    autres_departements: tuple[str, ...]


@dataclass(frozen=True)
class Perimetre:
    """A Cpam that serves, or may serve, a postcode (``perimetre.csv``)."""

    code_cpam: str
    code_postal: str
    fiabilite: str


@dataclass(frozen=True)
class Convention:
    """The local convention without which nothing is exchanged (IT 2025-098, §2.2; ``convention.csv``).

    Both bounds are included; ``date_fin`` is None as long as no end is set. ``exemple``: nobody signed it; what the
    project ships is made of these.
    """

    code_caf: str
    code_cpam: str
    date_debut: date
    date_fin: date | None
    exemple: bool


def find_dossier() -> Path:
    """Return the folder of the reference files: ``AV_REFERENCE`` if set, else ``include/reference``."""
    configured = os.environ.get("AV_REFERENCE")
    return Path(configured) if configured else Path(__file__).parents[2] / "reference"


def load_caf() -> dict[str, Caf]:
    """Return the 101 Caf by code.

    Raises:
        ErreurAllerVers: the file is absent, or lacks a column.
    """
    return _read_caf(find_dossier())


@cache
def load_extensions() -> frozenset[str]:
    """Return the top-level domains of the Internet, in lower case (``extension_internet.csv``, of the IANA).

    They are the world's, not a deployment's: always those that the project ships.
    """
    fichier = Path(__file__).parents[2] / "reference" / "extension_internet.csv"
    return frozenset(fichier.read_text(encoding="utf-8").split()[1:])


def load_cpam() -> dict[str, Cpam]:
    """Return the 107 caisses of the Maladie side by code.

    Raises:
        ErreurAllerVers: the file is absent, or lacks a column.
    """
    return _read_cpam(find_dossier())


def find_region_cpam() -> dict[str, str]:
    """Return the region of each Cpam: that of the Caf of its (first) department.

    Raises:
        ErreurAllerVers: a file is absent, or lacks a column.
    """
    par_departement = {d: caf.code_region for caf in load_caf().values() for d in caf.departements}
    return {code: par_departement[cpam.departements[0]] for code, cpam in load_cpam().items()}


def load_regions() -> dict[str, str]:
    """Return the names of the 18 INSEE regions by code.

    Raises:
        ErreurAllerVers: the file is absent, or lacks a column.
    """
    return _read_regions(find_dossier())


def load_codes_postaux() -> dict[str, CodePostal]:
    """Return the postcodes of every territory that a Caf serves, by code.

    Raises:
        ErreurAllerVers: the file is absent, or lacks a column.
    """
    return _read_codes_postaux(find_dossier())


def load_perimetres() -> tuple[Perimetre, ...]:
    """Return every pair of a Cpam and a postcode that it serves or may serve, sorted.

    Raises:
        ErreurAllerVers: the file is absent, or lacks a column.
    """
    return _read_perimetres(find_dossier())


def load_conventions() -> tuple[Convention, ...]:
    """Return every convention, ended ones included, sorted.

    Raises:
        ErreurAllerVers: the file is absent, or lacks a column.
    """
    return _read_conventions(find_dossier())


def find_region_telephone(code_postal: str | None) -> str:
    """Return the libphonenumber region in which to parse the telephone of someone at this postcode.

    Parsed as ``FR``, an overseas number written in national form becomes an invalid one. An absent or
    malformed postcode gives ``FR``: it never removes a person (data contracts, « The national request »).
    """
    if code_postal is None or _CODE_POSTAL.fullmatch(code_postal) is None:
        return _REGION_FRANCE
    return _REGION_TELEPHONE.get(code_postal[:3], _REGION_FRANCE)


@cache
def _read_caf(dossier: Path) -> dict[str, Caf]:
    columns = ("code_caf", "nom", "libelle_court", "departements", "code_region", "siren", "fiabilite_code")
    return {
        code: Caf(code, nom, libelle_court, _split(departements), code_region, siren, fiabilite)
        for code, nom, libelle_court, departements, code_region, siren, fiabilite in _read_rows(
            dossier / "caf.csv", columns
        )
    }


@cache
def _read_cpam(dossier: Path) -> dict[str, Cpam]:
    columns = ("code_cpam", "nom", "departements", "type", "perimetre", "fiabilite_perimetre")
    return {
        code: Cpam(code, nom, _split(departements), type_caisse, perimetre, fiabilite)
        for code, nom, departements, type_caisse, perimetre, fiabilite in _read_rows(
            dossier / "cpam.csv", columns
        )
    }


@cache
def _read_regions(dossier: Path) -> dict[str, str]:
    return {row[0]: row[1] for row in _read_rows(dossier / "region.csv", ("code_region", "nom"))}


@cache
def _read_codes_postaux(dossier: Path) -> dict[str, CodePostal]:
    columns = (
        "code_postal",
        "departement",
        "code_region",
        "population",
        "nb_communes",
        "autres_departements",
    )
    return {
        code: CodePostal(code, departement, code_region, int(population), int(nb_communes), _split(autres))
        for code, departement, code_region, population, nb_communes, autres in _read_rows(
            dossier / "code_postal.csv", columns
        )
    }


@cache
def _read_perimetres(dossier: Path) -> tuple[Perimetre, ...]:
    rows = _read_rows(dossier / "perimetre.csv", ("code_cpam", "code_postal", "fiabilite"))
    return tuple(Perimetre(*row) for row in rows)


@cache
def _read_conventions(dossier: Path) -> tuple[Convention, ...]:
    rows = _read_rows(
        dossier / "convention.csv", ("code_caf", "code_cpam", "date_debut", "date_fin", "exemple")
    )
    return tuple(
        Convention(
            code_caf,
            code_cpam,
            date.fromisoformat(debut),
            date.fromisoformat(fin) if fin else None,
            exemple == "oui",
        )
        for code_caf, code_cpam, debut, fin, exemple in rows
    )


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if not path.is_file():
        raise ErreurAllerVers(
            f"Le fichier de référence {path} est introuvable.",
            "vérifier le dossier donné par AV_REFERENCE, ou remettre le fichier à sa place.",
        )
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, delimiter=";", strict=True)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise ErreurAllerVers(
                f"Le fichier de référence {path} est incomplet. Colonnes absentes : {', '.join(missing)}.",
                "rétablir l'en-tête décrit dans include/reference/README.md.",
            )
        for row in reader:
            yield tuple(row[column] for column in columns)
