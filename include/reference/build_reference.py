"""Rebuild the reference files that derive from the national list of communes.

Reads `caf.csv` and `cpam.csv`, kept by hand, and the unpacked npm package
`@etalab/decoupage-administratif`; writes `region.csv`, `code_postal.csv`, `perimetre.csv` and
`convention.csv`. The same inputs give the same bytes. What each file holds, and how far it can be trusted,
is in the `README.md` beside this script.
"""

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGE = "@etalab/decoupage-administratif"
PACKAGE_VERSION = "6.0.0"

CONFIRME = "confirmé"
A_CONFIRMER = "à confirmer"

# Nothing is exchanged without a local convention (IT 2025-098, §2.2). The real ones have to come from the
# Caf: until then every pair has a synthetic one, from the day the instruction was published.
DATE_DEBUT_CONVENTION = "2025-05-16"

# The column `perimetre` of cpam.csv, by names of arrondissements. Three Cpam share the arrondissement of
# Lille along sectors that neither cpam.csv nor the package lists by commune: all three stay candidates there.
ARRONDISSEMENTS_PAR_CPAM: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "594": ("59", ("Dunkerque", "Lille")),
    "595": ("59", ("Douai", "Lille")),
    "597": ("59", ("Lille",)),
    "599": ("59", ("Avesnes-sur-Helpe", "Cambrai", "Valenciennes")),
    "623": ("62", ("Boulogne-sur-Mer", "Calais", "Montreuil", "Saint-Omer")),
    "624": ("62", ("Arras", "Béthune", "Lens")),
    "641": ("64", ("Bayonne",)),
    "642": ("64", ("Oloron-Sainte-Marie", "Pau")),
    "763": ("76", ("Le Havre",)),
    "764": ("76", ("Dieppe", "Rouen")),
}

EPCI_SEIGNANX = "244000659"
CPAM_SEIGNANX = "641"

Row = tuple[str, ...]


@dataclass(frozen=True)
class Commune:
    """A commune, or an arrondissement of Paris, Lyon or Marseille, with its postcodes."""

    code: str
    departement: str
    arrondissement: str
    codes_postaux: tuple[str, ...]
    population: int


@dataclass(frozen=True)
class Package:
    """What the npm package says, reduced to what the reference files need."""

    communes: tuple[Commune, ...]
    regions: Mapping[str, str]
    region_par_departement: Mapping[str, str]
    arrondissements: Mapping[tuple[str, str], str]
    communes_seignanx: frozenset[str]


@dataclass(frozen=True)
class Caf:
    """What is used here of a line of `caf.csv`."""

    code: str
    departements: tuple[str, ...]
    code_region: str


@dataclass(frozen=True)
class Cpam:
    """What is used here of a line of `cpam.csv`."""

    code: str
    departements: tuple[str, ...]
    fiabilite: str


@dataclass(frozen=True)
class CodePostal:
    """A postcode with the communes it serves; `departements` starts with the most populated one."""

    code_postal: str
    departements: tuple[str, ...]
    code_region: str
    population: int
    communes: tuple[Commune, ...]


def read_package(folder: Path) -> Package:
    """Read the unpacked npm package in `folder` (the directory that holds `package.json`).

    Raises ValueError when the package is another one, or another version of it.
    """
    identity = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    found = f"{identity.get('name')} {identity.get('version')}"
    if found != f"{PACKAGE} {PACKAGE_VERSION}":
        raise ValueError(
            f"Expected {PACKAGE} {PACKAGE_VERSION} in {folder}, found {found}: unpack that version, or "
            "change PACKAGE_VERSION, rebuild and review the difference."
        )

    def load(name: str) -> list[dict[str, Any]]:
        content: list[dict[str, Any]] = json.loads((folder / "data" / name).read_text(encoding="utf-8"))
        return content

    seignanx = next(epci for epci in load("epci.json") if epci["code"] == EPCI_SEIGNANX)
    return Package(
        communes=select_communes(load("communes.json")),
        regions={r["code"]: r["nom"] for r in load("regions.json") if r["zone"] in {"metro", "drom"}},
        region_par_departement={d["code"]: d["region"] for d in load("departements.json")},
        arrondissements={(a["departement"], a["nom"]): a["code"] for a in load("arrondissements.json")},
        communes_seignanx=frozenset(membre["code"] for membre in seignanx["membres"]),
    )


def select_communes(records: Sequence[Mapping[str, Any]]) -> tuple[Commune, ...]:
    """Keep the communes and municipal arrondissements that have a postcode.

    Paris, Lyon and Marseille are there twice, whole and by arrondissement: the arrondissements are kept,
    since each has its own postcode.
    """
    doubled = {r["commune"] for r in records if r["type"] == "arrondissement-municipal"}
    return tuple(
        Commune(
            code=r["code"],
            departement=r["departement"],
            arrondissement=r.get("arrondissement", ""),
            codes_postaux=tuple(sorted(r["codesPostaux"])),
            population=r.get("population", 0),
        )
        for r in records
        if r["type"] in {"commune-actuelle", "arrondissement-municipal"}
        and r.get("codesPostaux")
        and r["code"] not in doubled
    )


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read one of the reference files, a dictionary a line."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def read_cafs(reference: Path) -> tuple[Caf, ...]:
    """Read `caf.csv` in the folder `reference`."""
    return tuple(
        Caf(row["code_caf"], tuple(row["departements"].split("|")), row["code_region"])
        for row in read_csv(reference / "caf.csv")
    )


def read_cpams(reference: Path) -> tuple[Cpam, ...]:
    """Read `cpam.csv` in the folder `reference`."""
    return tuple(
        Cpam(row["code_cpam"], tuple(row["departements"].split("|")), row["fiabilite_perimetre"])
        for row in read_csv(reference / "cpam.csv")
    )


def share_population(commune: Commune) -> dict[str, int]:
    """Split a commune's inhabitants evenly over its postcodes, so that postcodes add up to the country."""
    share, remainder = divmod(commune.population, len(commune.codes_postaux))
    return {
        code_postal: share + (1 if rank < remainder else 0)
        for rank, code_postal in enumerate(commune.codes_postaux)
    }


def build_codes_postaux(package: Package, cafs: Iterable[Caf]) -> tuple[CodePostal, ...]:
    """Attribute every postcode to the department with most of its inhabitants, and its Caf's region.

    Postcodes of territories that depend on no Caf (975, 986, 987...) are left out. Raises ValueError when the
    region of a Caf is not the one of its departments.
    """
    region_par_departement: dict[str, str] = {}
    for caf in cafs:
        for departement in caf.departements:
            expected = package.region_par_departement[departement]
            # Saint-Barthélemy and Saint-Martin belong to no INSEE region: they follow their Caf's.
            if expected in package.regions and expected != caf.code_region:
                raise ValueError(
                    f"caf.csv puts Caf {caf.code} in region {caf.code_region}, the package puts department "
                    f"{departement} in region {expected}: correct code_region in caf.csv."
                )
            region_par_departement[departement] = caf.code_region

    communes_par_code: dict[str, list[Commune]] = defaultdict(list)
    population_par_code: dict[str, Counter[str]] = defaultdict(Counter)
    for commune in package.communes:
        if commune.departement not in region_par_departement:
            continue
        for code_postal, inhabitants in share_population(commune).items():
            communes_par_code[code_postal].append(commune)
            population_par_code[code_postal][commune.departement] += inhabitants

    codes_postaux = []
    for code_postal, population in sorted(population_par_code.items()):
        principal = min(population, key=lambda departement: (-population[departement], departement))
        codes_postaux.append(
            CodePostal(
                code_postal=code_postal,
                departements=(principal, *sorted(set(population) - {principal})),
                code_region=region_par_departement[principal],
                population=population.total(),
                communes=tuple(communes_par_code[code_postal]),
            )
        )
    return tuple(codes_postaux)


def build_perimetres(
    package: Package, codes_postaux: Iterable[CodePostal], cpams: Sequence[Cpam]
) -> tuple[Row, ...]:
    """List, for every postcode, each Cpam that may serve it and how sure that is.

    « confirmé » only where one Cpam serves the whole of the postcode's main department and `cpam.csv` says
    so; anything that a person has to decide is « à confirmer ». Raises ValueError when a commune finds no
    Cpam.
    """
    par_arrondissement: dict[str, set[str]] = defaultdict(set)
    for code_cpam, (departement, noms) in ARRONDISSEMENTS_PAR_CPAM.items():
        for nom in noms:
            par_arrondissement[package.arrondissements[departement, nom]].add(code_cpam)
    departements_divises = {departement for departement, _ in ARRONDISSEMENTS_PAR_CPAM.values()}
    cpam_unique = {
        departement: cpam
        for cpam in cpams
        if cpam.code not in ARRONDISSEMENTS_PAR_CPAM
        for departement in cpam.departements
    }

    def find_candidates(commune: Commune, principal: str) -> dict[str, str]:
        if commune.departement in departements_divises:
            return dict.fromkeys(par_arrondissement[commune.arrondissement], A_CONFIRMER)
        cpam = cpam_unique[commune.departement]
        if commune.code in package.communes_seignanx:
            return dict.fromkeys((cpam.code, CPAM_SEIGNANX), A_CONFIRMER)
        return {cpam.code: cpam.fiabilite if commune.departement == principal else A_CONFIRMER}

    rows: list[Row] = []
    for code_postal in codes_postaux:
        fiabilites: dict[str, str] = {}
        for commune in code_postal.communes:
            candidates = find_candidates(commune, code_postal.departements[0])
            if not candidates:
                raise ValueError(
                    f"No Cpam for commune {commune.code} (arrondissement {commune.arrondissement}): "
                    "complete ARRONDISSEMENTS_PAR_CPAM."
                )
            for code_cpam, fiabilite in candidates.items():
                doubtful = A_CONFIRMER in (fiabilite, fiabilites.get(code_cpam))
                fiabilites[code_cpam] = A_CONFIRMER if doubtful else CONFIRME
        rows.extend((code_cpam, code_postal.code_postal, fiab) for code_cpam, fiab in fiabilites.items())
    return tuple(sorted(rows))


def build_conventions(
    cafs: Iterable[Caf],
    cpams: Iterable[Cpam],
    codes_postaux: Iterable[CodePostal],
    perimetres: Iterable[Row],
) -> tuple[Row, ...]:
    """Write one synthetic convention for each Caf and Cpam that share a department and a postcode in it."""
    departements = {c.code_postal: set(c.departements) for c in codes_postaux}
    served: dict[str, set[str]] = defaultdict(set)
    for code_cpam, code_postal, _ in perimetres:
        served[code_cpam] |= departements[code_postal]
    territory = {cpam.code: served[cpam.code] & set(cpam.departements) for cpam in cpams}
    return tuple(
        sorted(
            (caf.code, code_cpam, DATE_DEBUT_CONVENTION, "", "", "", "", "oui")
            for caf in cafs
            for code_cpam, shared in territory.items()
            if shared & set(caf.departements)
        )
    )


def write_csv(path: Path, header: Row, rows: Iterable[Row]) -> None:
    """Write `rows` as the reference files are: `;`, UTF-8 without BOM, LF."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def build(package_folder: Path, reference: Path) -> None:
    """Rewrite the four derived files of the folder `reference`."""
    package = read_package(package_folder)
    cafs = read_cafs(reference)
    cpams = read_cpams(reference)
    codes_postaux = build_codes_postaux(package, cafs)
    perimetres = build_perimetres(package, codes_postaux, cpams)

    write_csv(reference / "region.csv", ("code_region", "nom"), sorted(package.regions.items()))
    write_csv(
        reference / "code_postal.csv",
        ("code_postal", "departement", "code_region", "population", "nb_communes", "autres_departements"),
        (
            (
                c.code_postal,
                c.departements[0],
                c.code_region,
                str(c.population),
                str(len(c.communes)),
                "|".join(c.departements[1:]),
            )
            for c in codes_postaux
        ),
    )
    write_csv(
        reference / "perimetre.csv", ("code_cpam", "code_postal", "fiabilite", "valable_du", "valable_au"),
        [(*perimetre, "", "") for perimetre in perimetres],
    )  # fmt: skip
    write_csv(
        reference / "convention.csv",
        ("code_caf", "code_cpam", "date_debut", "date_fin", "exemple"),
        build_conventions(cafs, cpams, codes_postaux, perimetres),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Rebuild the derived reference files.")
    parser.add_argument("package", type=Path, help=f"folder of the unpacked npm package {PACKAGE}")
    parser.add_argument(
        "--reference",
        type=Path,
        default=Path(__file__).parent,
        help="folder that holds caf.csv and cpam.csv and receives the four files (default: the script's own)",
    )
    options = parser.parse_args(arguments)
    build(options.package, options.reference)


if __name__ == "__main__":
    main()
