"""Reference data: Caf, Cpam, regions, postcodes, perimeters and conventions.

The files and their provenance are described in ``include/reference/README.md``. Each is read once per folder, the one
in force unless another is given; what the ``load_*`` functions return is shared by every caller and is never to be
modified. They raise ``FichierEditeError``, which names the file, where it is absent or a line of it is not what it has
to be. A set that is taken while the program runs (``reference_deposee``) has a folder of its own: every process reads
it at its next question.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from aller_vers.socle.dossiers_reference import find_dossier
from aller_vers.socle.fichiers_edites import (
    CODE,
    JOUR,
    TEXTE,
    Colonne,
    read_csv,
    read_jour,
    read_texte,
    refuse,
    require_known,
)

T = TypeVar("T")
# The territory that all others make up; where a Caf is expected (ledger, gates), everything that is of no single Caf.
NATION = "FR"

# Days before its end when a convention is told as expiring: at each, once.
JOURS_CONVENTION = (90, 30, 0)

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
    ``anciens_codes``: those of the Caf that it was made of, its own perhaps among them. It stands from ``valable_du``
    to ``valable_au``, both included; one that has ended keeps its line, for what bears its code.
    """

    code_caf: str
    nom: str
    libelle_court: str
    departements: tuple[str, ...]
    code_region: str
    siren: str
    fiabilite_code: str
    anciens_codes: tuple[str, ...] = ()
    valable_du: date = date.min
    valable_au: date = date.max

    @property
    def libelle(self) -> str:
        """``831 · Var``, as files, notices and pages name the Caf."""
        return f"{self.code_caf} · {self.libelle_court}"


@dataclass(frozen=True)
class Cpam:
    """A caisse on the Maladie side: Cpam, CGSS, CSSM or caisse commune (``cpam.csv``).

    ``type_caisse`` is ``CPAM``, ``CGSS``, ``CSSM`` or ``CCSS``; ``perimetre`` says the territory in words. It is
    expected to answer from ``valable_du`` to ``valable_au``, both included.
    """

    code_cpam: str
    nom: str
    departements: tuple[str, ...]
    type_caisse: str
    perimetre: str
    fiabilite_perimetre: str
    valable_du: date = date.min
    valable_au: date = date.max

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
    """A Cpam that serves, or may serve, a postcode (``perimetre.csv``); both days are included."""

    code_cpam: str
    code_postal: str
    fiabilite: str
    valable_du: date = date.min
    valable_au: date = date.max


@dataclass(frozen=True)
class Convention:
    """The local convention without which nothing is exchanged (IT 2025-098, §2.2; ``convention.csv``).

    Both bounds are included; ``date_fin`` is None as long as no end is set. ``date_signature``, ``signataire`` and
    ``reference`` (date, by whom, number) are there once it is signed. ``exemple``: nobody signed it, as all
    of those that the project ships.
    """

    code_caf: str
    code_cpam: str
    date_debut: date
    date_fin: date | None
    date_signature: date | None
    signataire: str
    reference: str
    exemple: bool

    @property
    def prend_effet(self) -> date:
        """The first day on which it may carry a lot, once signed: never before its signature."""
        return max(self.date_debut, self.date_signature or date.min)

    def find_etat(self, jour: date) -> str:
        """Return where it is in its life on this day, in words."""
        if self.date_signature is None:
            return "exemple, non signée" if self.exemple else "à signer"
        if self.prend_effet > jour:
            return "signée"
        if self.date_fin is None or self.date_fin > jour + timedelta(days=JOURS_CONVENTION[0]):
            return "en vigueur"
        return "échue" if self.date_fin < jour else "arrive à échéance"


class _Lecture(Generic[T]):
    """Reads the files of a folder once; without one, those in force."""

    def __init__(self, read: Callable[[Path], T]) -> None:
        self._read = cache(read)
        self.cache_clear = self._read.cache_clear

    def __call__(self, dossier: Path | None = None) -> T:
        return self._read(dossier or find_dossier())


_CODES = Colonne(
    re.compile(r"(?:[0-9]{3}(?:\|[0-9]{3})*)?"), "rien, ou des codes de trois chiffres séparés par « | »,"
)
_REGION = Colonne(re.compile(r"[0-9]{2}"), "un code de région de deux chiffres")
_POSTAL = Colonne(re.compile(r"[0-9]{5}"), "un code postal de cinq chiffres")
_NOMBRE = Colonne(re.compile(r"[0-9]{1,9}"), "un nombre entier")
_SIREN = Colonne(re.compile(r"[0-9]{9}"), "un SIREN de neuf chiffres")
_FIABILITE = Colonne(re.compile("confirmé|à confirmer"), "« confirmé » ou « à confirmer »")
_TYPE = Colonne(re.compile("CPAM|CGSS|CSSM|CCSS"), "CPAM, CGSS, CSSM ou CCSS")
_UN_DEPARTEMENT = r"(?:2[AB]|[0-9]{2,3})"
_DEPARTEMENT = Colonne(re.compile(_UN_DEPARTEMENT), "un code de département")
_DEPARTEMENTS = Colonne(
    re.compile(rf"{_UN_DEPARTEMENT}(?:\|{_UN_DEPARTEMENT})*"),
    "un ou plusieurs codes de département, séparés par « | »,",
)
_AUTRES = Colonne(
    re.compile(rf"(?:{_DEPARTEMENTS.forme.pattern})?"), "rien, ou des codes de département séparés par « | »,"
)
_FIN = Colonne(re.compile(r"(?:20[0-9]{2}-[0-9]{2}-[0-9]{2})?"), "rien, ou une date écrite AAAA-MM-JJ,")
_SIGNATURE = Colonne(re.compile(r"(?:[^\n]*[^\s][^\n]*)?"), "rien, ou un texte,")
_EXEMPLE = Colonne(re.compile("(?:oui)?"), "« oui » ou rien")


@_Lecture
def load_caf(dossier: Path) -> dict[str, Caf]:
    """Return the 101 Caf by code: those in force, or of another folder."""
    colonnes = {
        "code_caf": CODE, "nom": TEXTE, "libelle_court": TEXTE, "departements": _DEPARTEMENTS,
        "code_region": _REGION, "siren": _SIREN, "fiabilite_code": _FIABILITE, "anciens_codes": _CODES,
        "valable_du": _FIN, "valable_au": _FIN,
    }  # fmt: skip
    fichier = dossier / "caf.csv"
    lues = read_csv(fichier, colonnes)
    require_known(fichier, [(n, ligne[4]) for n, ligne in lues], "code_region", load_regions(dossier))
    return {
        code: Caf(
            code, nom, libelle, _split(departements), region, siren, fiabilite, _split(anciens),
            *_read_vie(fichier, numero, du, au),
        )
        for numero, (code, nom, libelle, departements, region, siren, fiabilite, anciens, du, au) in lues
    }  # fmt: skip


@_Lecture
def load_cpam(dossier: Path) -> dict[str, Cpam]:
    """Return the 107 caisses of the Maladie side by code: those in force, or of another folder."""
    colonnes = {
        "code_cpam": CODE, "nom": TEXTE, "departements": _DEPARTEMENTS, "type": _TYPE, "perimetre": TEXTE,
        "fiabilite_perimetre": _FIABILITE, "valable_du": _FIN, "valable_au": _FIN,
    }  # fmt: skip
    fichier = dossier / "cpam.csv"
    lues = read_csv(fichier, colonnes)
    return {
        code: Cpam(
            code, nom, _split(departements), genre, perimetre, fiabilite, *_read_vie(fichier, numero, du, au)
        )
        for numero, (code, nom, departements, genre, perimetre, fiabilite, du, au) in lues
    }


def _read_vie(fichier: Path, numero: int, du: str, au: str) -> tuple[date, date]:
    """Return the first and the last day that a line tells; an empty cell has no end on its side."""
    commence = read_jour(fichier, numero, "valable_du", du) if du else date.min
    finit = read_jour(fichier, numero, "valable_au", au) if au else date.max
    if finit < commence:
        quoi = f"ligne {numero} : sa période finit avant de commencer"
        raise refuse(fichier, quoi, "corriger valable_du et valable_au.")
    return commence, finit


@_Lecture
def load_regions(dossier: Path) -> dict[str, str]:
    """Return the names of the 18 INSEE regions by code."""
    lues = read_csv(dossier / "region.csv", {"code_region": _REGION, "nom": TEXTE})
    return {code: nom for _, (code, nom) in lues}


@_Lecture
def load_codes_postaux(dossier: Path) -> dict[str, CodePostal]:
    """Return the postcodes of every territory that a Caf serves, by code."""
    colonnes = {
        "code_postal": _POSTAL, "departement": _DEPARTEMENT, "code_region": _REGION, "population": _NOMBRE,
        "nb_communes": _NOMBRE, "autres_departements": _AUTRES,
    }  # fmt: skip
    fichier = dossier / "code_postal.csv"
    lues = read_csv(fichier, colonnes)
    require_known(fichier, [(n, ligne[2]) for n, ligne in lues], "code_region", load_regions(dossier))
    return {
        code: CodePostal(code, departement, region, int(population), int(communes), _split(autres))
        for _, (code, departement, region, population, communes, autres) in lues
    }


@_Lecture
def load_perimetres(dossier: Path) -> tuple[Perimetre, ...]:
    """Return every pair of a Cpam and a postcode that it serves or may serve, sorted."""
    fichier = dossier / "perimetre.csv"
    colonnes = {
        "code_cpam": CODE, "code_postal": _POSTAL, "valable_du": _FIN, "valable_au": _FIN, "fiabilite": _FIABILITE,
    }  # fmt: skip
    lues = read_csv(fichier, colonnes, cle=3)
    require_known(fichier, [(n, ligne[0]) for n, ligne in lues], "code_cpam", load_cpam(dossier))
    require_known(fichier, [(n, ligne[1]) for n, ligne in lues], "code_postal", load_codes_postaux(dossier))
    perimetres, fins = list[Perimetre](), dict[tuple[str, str], date]()
    for numero, (code_cpam, code_postal, du, au, fiabilite) in sorted(lues, key=lambda lue: lue[1]):
        commence, finit = _read_vie(fichier, numero, du, au)
        if commence <= fins.get((code_cpam, code_postal), date.min) != date.min:
            quoi = f"ligne {numero} : sa période recouvre celle d'une autre ligne"
            raise refuse(fichier, quoi, "corriger valable_du et valable_au.")
        fins[code_cpam, code_postal] = finit
        perimetres.append(Perimetre(code_cpam, code_postal, fiabilite, commence, finit))
    return tuple(perimetres)


@_Lecture
def load_conventions(dossier: Path) -> tuple[Convention, ...]:
    """Return every convention, ended ones included, sorted."""
    fichier = dossier / "convention.csv"
    colonnes = {
        "code_caf": CODE, "code_cpam": CODE, "date_debut": JOUR, "date_fin": _FIN,
        "date_signature": _FIN, "signataire": _SIGNATURE, "reference": _SIGNATURE, "exemple": _EXEMPLE,
    }  # fmt: skip
    lues = read_csv(fichier, colonnes, cle=3)
    caf = load_caf(dossier)
    require_known(fichier, [(n, ligne[0]) for n, ligne in lues], "code_caf", caf)
    require_known(fichier, [(n, ligne[1]) for n, ligne in lues], "code_cpam", load_cpam(dossier))
    conventions, fins = list[Convention](), dict[tuple[str, str], date]()
    for numero, (code_caf, code_cpam, debut, fin, signee, par, reference, exemple) in sorted(
        lues, key=lambda lue: lue[1]
    ):
        commence = read_jour(fichier, numero, "date_debut", debut)
        finit = read_jour(fichier, numero, "date_fin", fin) if fin else None
        if finit and finit < commence:
            raise refuse(
                fichier, f"ligne {numero} : la convention finit avant d'avoir commencé", "corriger ces dates."
            )
        if commence <= fins.get((code_caf, code_cpam), date.min):
            quoi = f"ligne {numero} : cette convention commence avant que finisse la précédente de ces deux caisses"
            raise refuse(fichier, quoi, "corriger ces dates, ou n'en garder qu'une.")
        fins[code_caf, code_cpam] = finit or date.max
        signature = read_jour(fichier, numero, "date_signature", signee) if signee else None
        if len({bool(signee), bool(par), bool(reference)}) > 1 or (signee and exemple):
            quoi = f"ligne {numero} : la signature n'est pas entière, ou la convention est un exemple"
            raise refuse(
                fichier, quoi, "écrire ensemble date_signature, signataire et reference, sans « oui »."
            )
        if signature and signature > (finit or date.max):
            quoi = f"ligne {numero} : la convention est signée après sa fin"
            raise refuse(fichier, quoi, "corriger ces dates.")
        conventions.append(
            Convention(code_caf, code_cpam, commence, finit, signature, par, reference, exemple == "oui")
        )
    if absentes := sorted(set(caf) - {c.code_caf for c in conventions}):
        raise refuse(
            fichier, f"aucune ligne n'y est pour ces Caf : {', '.join(absentes)}",
            "les y remettre : même finie ou à venir, une convention y garde sa ligne, avec ses dates.",
        )  # fmt: skip
    return tuple(conventions)


def find_successeur(code_caf: str) -> str | None:
    """Return the Caf that has this other one among its former codes, None where there is none."""
    suivantes = (c for c in load_caf().values() if code_caf in c.anciens_codes and c.code_caf != code_caf)
    return next((c.code_caf for c in suivantes), None)


def find_actuelle(code_caf: str, jour: date) -> str:
    """Return the Caf to which this one has come on a day, through every merger; itself as long as it stands."""
    while (
        (caf := load_caf().get(code_caf))
        and caf.valable_au < jour
        and (suivante := find_successeur(code_caf))
    ):
        code_caf = suivante
    return code_caf


@cache
def load_extensions() -> frozenset[str]:
    """Return the top-level domains of the Internet, in lower case (``extension_internet.csv``, of the IANA).

    They are the world's, not a deployment's: always those that the project ships.
    """
    fichier = Path(__file__).parents[2] / "reference" / "extension_internet.csv"
    return frozenset(read_texte(fichier).split()[1:])


def find_region_cpam() -> dict[str, str]:
    """Return the region of each Cpam: that of the Caf of its (first) department.

    Raises:
        FichierEditeError: as ``load_caf``.
    """
    par_departement = {d: caf.code_region for caf in load_caf().values() for d in caf.departements}
    return {code: par_departement[cpam.departements[0]] for code, cpam in load_cpam().items()}


def find_region_telephone(code_postal: str | None) -> str:
    """Return the libphonenumber region in which to parse the telephone of someone at this postcode.

    Parsed as ``FR``, an overseas number written in national form becomes an invalid one. An absent or
    malformed postcode gives ``FR``: it never removes a person (data contracts, « The national request »).
    """
    if code_postal is None or _CODE_POSTAL.fullmatch(code_postal) is None:
        return _REGION_FRANCE
    return _REGION_TELEPHONE.get(code_postal[:3], _REGION_FRANCE)


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()
