"""Where people live: postcodes weighted by population, each with its Caf, telephone zone and pivot."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aller_vers.poste.synthetique.parametres import Parametres
from aller_vers.poste.synthetique.tirages import Colonne, Entiers, Flux, pick
from aller_vers.socle.dossiers_reference import find_installe
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.referentiel import CodePostal, load_caf, load_codes_postaux

PART_AUTRE_DEPARTEMENT = 0.15
"""Share of the people of a postcode shared by departments who live in the other ones. Guess."""

_DEPARTEMENTS_DE_ZONE = {
    "01": "75 77 78 91 92 93 94 95",
    "02": "14 18 22 27 28 29 35 36 37 41 44 45 49 50 53 56 61 72 76 85",
    "03": "02 08 10 21 25 39 51 52 54 55 57 58 59 60 62 67 68 70 71 80 88 89 90",
    "04": "01 03 04 05 06 07 11 13 15 2A 2B 26 30 34 38 42 43 48 63 66 69 73 74 83 84",
    "GP": "971 977 978",
    "MQ": "972",
    "GF": "973",
    "RE": "974",
    "YT": "976",
}
ZONES = ("01", "02", "03", "04", "05", "GP", "MQ", "GF", "RE", "YT")
"""The five zones of metropolitan numbers, then the overseas regions of libphonenumber."""


@dataclass(frozen=True)
class Territoire:
    """Places to draw from. A place (`lieu`) is a postcode and a Caf; arrays are parallel over places."""

    codes_caf: tuple[str, ...]
    codes_gestionnaire: tuple[str, ...]
    """For each Caf, the one that manages its AJPA and AJPP files: itself or a pivot."""
    codes_postaux: tuple[str, ...]
    caf: Entiers
    """Rank in `codes_caf`."""
    zone: Entiers
    """Rank in `ZONES`."""
    cumul: npt.NDArray[np.float64]
    """Cumulated population, from 0 excluded to 1."""
    codes_connus: frozenset[str]
    """All the postcodes of the country."""
    empreinte: str
    """SHA-256 of the reference data read."""

    def draw_lieux(self, rng: np.random.Generator, n: int) -> Entiers:
        """Draw places with the weight of their population."""
        rangs = np.searchsorted(self.cumul, rng.random(n), side="right")
        return np.minimum(rangs, len(self.codes_postaux) - 1).astype(np.int64)

    def write_codes_caf(self, lieux: Entiers) -> Colonne:
        """Write the Caf of each place."""
        return pick(self.codes_caf, self.caf[lieux])

    def write_codes_gestionnaire(self, lieux: Entiers) -> Colonne:
        """Write the managing Caf of each place."""
        return pick(self.codes_gestionnaire, self.caf[lieux])


def load_territoire(parametres: Parametres) -> Territoire:
    """Read the installed reference and keep the network of the parameters: what people take later is not its past.

    Departments weigh what they weigh in the population: no source gives applications by department.

    Raises:
        ErreurAllerVers: a reference file is missing, or a Caf asked for is unknown or has no postcode.
    """
    installe = find_installe()
    caisses, codes_postaux = load_caf(installe), load_codes_postaux(installe)
    caf_de_departement = {d: caf.code_caf for caf in caisses.values() for d in caf.departements}
    reseau = parametres.codes_caf or tuple(caisses)
    rang_caf = {code: rang for rang, code in enumerate(reseau)}

    lieux: list[tuple[str, int, int, float]] = []
    for code in codes_postaux.values():
        for departement, population in _split_population(code):
            rang = rang_caf.get(caf_de_departement.get(departement, ""))
            if rang is not None and population > 0:
                lieux.append((code.code_postal, rang, ZONES.index(_find_zone(departement)), population))

    sans_lieu = sorted(set(reseau) - {reseau[lieu[1]] for lieu in lieux})
    if sans_lieu:
        raise ErreurAllerVers(
            f"Aucun code postal pour la ou les Caf {', '.join(sans_lieu)}.",
            "vérifier les codes demandés (caf.csv) et la couverture de code_postal.csv.",
        )
    cumul = np.cumsum(np.asarray([lieu[3] for lieu in lieux], dtype=np.float64))
    return Territoire(
        codes_caf=reseau,
        codes_gestionnaire=_assign_pivots(reseau, parametres),
        codes_postaux=tuple(lieu[0] for lieu in lieux),
        caf=np.asarray([lieu[1] for lieu in lieux], dtype=np.int64),
        zone=np.asarray([lieu[2] for lieu in lieux], dtype=np.int64),
        cumul=cumul / cumul[-1],
        codes_connus=frozenset(codes_postaux),
        empreinte=hashlib.sha256(repr((caisses, codes_postaux)).encode()).hexdigest(),
    )


def _assign_pivots(reseau: tuple[str, ...], parametres: Parametres) -> tuple[str, ...]:
    """Give a pivot to a share of the Caf; a pivot manages its own files."""
    pivots = parametres.codes_pivot
    gestionnaires = []
    for code in reseau:
        rng = np.random.default_rng([parametres.graine, int(Flux.PIVOTS), *code.encode()])
        adherente = rng.random() < parametres.part_caf_adherentes
        pivot = pivots[int(rng.integers(len(pivots)))] if pivots else code
        gestionnaires.append(pivot if adherente and code not in pivots else code)
    return tuple(gestionnaires)


def _split_population(code: CodePostal) -> list[tuple[str, float]]:
    autres = code.autres_departements
    part = PART_AUTRE_DEPARTEMENT if autres else 0.0
    return [(code.departement, code.population * (1 - part))] + [
        (departement, code.population * part / len(autres)) for departement in autres
    ]


def _find_zone(departement: str) -> str:
    zones = (zone for zone, liste in _DEPARTEMENTS_DE_ZONE.items() if departement in liste.split())
    return next(zones, "05")
