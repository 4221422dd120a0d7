"""Dossiers and the adults in them."""

from dataclasses import dataclass

import numpy as np

from aller_vers.poste.synthetique.codes_postaux import render_code_postal
from aller_vers.poste.synthetique.courriels import build_adresses, render_courriel
from aller_vers.poste.synthetique.genres import GenreCodePostal, GenreCourriel, GenreTelephone
from aller_vers.poste.synthetique.parametres import Parametres
from aller_vers.poste.synthetique.telephones import build_numeros, render_telephone
from aller_vers.poste.synthetique.territoire import ZONES, Territoire
from aller_vers.poste.synthetique.tirages import (
    NUL,
    Bloc,
    Booleens,
    Colonne,
    Entiers,
    Entite,
    count_jours,
    draw_kinds,
    escape,
    first_id,
    pick,
    set_null,
    write_booleens,
    write_dates,
    write_entiers,
)
from aller_vers.socle.mois import Mois

PART_FEMMES = 0.78
"""« La majorité […] sont des femmes »; 84 % in Flandres (IT 2025-098, §1.2), M."""
PART_PROFIL_INCONNU = 0.03
"""People whose sex or year of birth is not known. Guess."""
PART_FIN_LOINTAINE = 0.005
"""Dossiers whose end of affiliation is a date that never comes, as systems write it. Guess."""
FIN_LOINTAINE = "2999-12-31"

_AGES = {True: (51, 9), False: (41, 7)}
"""Mean and standard deviation of the age, AJPA (« > 45 ans », IT 2025-098, §1.2) and others (guess)."""


@dataclass(frozen=True)
class Foyers:
    """Households to write: one main adult each, rank by rank, then spouses.

    `conjoint_de` holds, for each spouse, the rank of the household; spouses come after the main adults.
    `lieux` are today's places; `age_ajpa` tells whose age follows the AJPA profile.
    """

    mois: Mois
    bloc: int
    lieux: Entiers
    conjoint_de: Entiers
    age_ajpa: Booleens

    @property
    def nb_personnes(self) -> int:
        """Number of adults."""
        return len(self.lieux) + len(self.conjoint_de)


def build_foyers(
    foyers: Foyers, parametres: Parametres, territoire: Territoire, rng: np.random.Generator
) -> list[Bloc]:
    """Return the rows of `dossier` and `personne` of these households."""
    return [
        _build_dossiers(foyers, parametres, territoire, rng),
        _build_personnes(foyers, parametres, territoire, rng),
    ]


def _build_dossiers(
    foyers: Foyers, parametres: Parametres, territoire: Territoire, rng: np.random.Generator
) -> Bloc:
    n = len(foyers.lieux)
    codes = pick(territoire.codes_postaux, foyers.lieux)
    genres = tuple(parametres.poids_code_postal)
    tires = draw_kinds(rng, tuple(parametres.poids_code_postal.values()), n)
    tirages = rng.integers(0, 10**6, n)
    for rang in _find_others(tires, genres, GenreCodePostal.VALIDE):
        rendu = render_code_postal(
            genres[tires[rang]], codes[rang], int(tirages[rang]), territoire.codes_connus
        )
        codes[rang] = _to_copy(rendu)

    # Within six weeks: some are past on the first day of the next month, all of them at a backfill.
    fins = write_dates(count_jours(foyers.mois.debut) + rng.integers(0, 45, n))
    sort = rng.random(n)
    lointaines = sort > 1 - PART_FIN_LOINTAINE
    for rang in np.flatnonzero(lointaines).tolist():
        fins[rang] = FIN_LOINTAINE
    sans_fin = (sort >= parametres.part_fin_affiliation) & ~lointaines
    return Bloc(
        "dossier",
        (
            write_entiers(first_id(Entite.DOSSIER, foyers.mois, foyers.bloc) + np.arange(n)),
            territoire.write_codes_caf(foyers.lieux),
            codes,
            set_null(fins, sans_fin),
        ),
    )


def _build_personnes(
    foyers: Foyers, parametres: Parametres, territoire: Territoire, rng: np.random.Generator
) -> Bloc:
    n, n_foyers = foyers.nb_personnes, len(foyers.lieux)
    foyer = np.concatenate([np.arange(n_foyers), foyers.conjoint_de])
    courriels, telephones = _build_contacts(foyers, parametres, territoire, foyer, rng)
    partage = rng.random(len(foyers.conjoint_de))
    for rang, (principal, part) in enumerate(
        zip(foyers.conjoint_de.tolist(), partage.tolist(), strict=True), start=n_foyers
    ):
        # A third each: the e-mail, the telephone, both.
        if part < parametres.part_contact_partage * 2 / 3:
            courriels[rang] = courriels[principal]
        if parametres.part_contact_partage / 3 <= part < parametres.part_contact_partage:
            telephones[rang] = telephones[principal]

    ajpa = np.concatenate([foyers.age_ajpa, foyers.age_ajpa[foyers.conjoint_de]])
    normale = rng.standard_normal(n)
    ages = np.where(
        ajpa, _AGES[True][0] + _AGES[True][1] * normale, _AGES[False][0] + _AGES[False][1] * normale
    )
    annees = foyers.mois.annee - np.clip(ages, 19, 85).astype(np.int64)
    sexe = pick(("F", "M"), (rng.random(n) > PART_FEMMES).astype(np.int64))
    return Bloc(
        "personne",
        (
            write_entiers(first_id(Entite.PERSONNE, foyers.mois, foyers.bloc) + np.arange(n)),
            write_entiers(first_id(Entite.DOSSIER, foyers.mois, foyers.bloc) + foyer),
            courriels,
            telephones,
            write_booleens(rng.random(n) < parametres.part_opposition),
            set_null(sexe, rng.random(n) < PART_PROFIL_INCONNU),
            set_null(write_entiers(annees), rng.random(n) < PART_PROFIL_INCONNU),
        ),
    )


def _build_contacts(
    foyers: Foyers,
    parametres: Parametres,
    territoire: Territoire,
    foyer: Entiers,
    rng: np.random.Generator,
) -> tuple[Colonne, Colonne]:
    n = foyers.nb_personnes
    zones = territoire.zone[foyers.lieux][foyer]
    suffixe = int(foyers.mois.compact[2:]) * 10**10 + foyers.bloc * 10**6
    courriels = build_adresses(rng.integers(0, 10**6, n), write_entiers(suffixe + np.arange(n)))
    telephones = build_numeros(zones, rng.integers(0, 10**6, n))

    genres_c, genres_t = tuple(parametres.poids_courriel), tuple(parametres.poids_telephone)
    tires_c = draw_kinds(rng, tuple(parametres.poids_courriel.values()), n)
    tires_t = draw_kinds(rng, tuple(parametres.poids_telephone.values()), n)
    tirages = rng.integers(0, 10**6, (2, n))
    adresses, numeros = list(courriels), list(telephones)
    for rang in _find_others(tires_t, genres_t, GenreTelephone.VALIDE):
        telephones[rang] = _to_copy(
            render_telephone(
                genres_t[tires_t[rang]],
                numeros[rang],
                ZONES[zones[rang]],
                int(tirages[0, rang]),
                adresses[rang],
            )
        )
    for rang in _find_others(tires_c, genres_c, GenreCourriel.VALIDE):
        genre = genres_c[tires_c[rang]]
        courriels[rang] = _to_copy(
            render_courriel(genre, adresses[rang], int(tirages[1, rang]), numeros[rang])
        )
        if genre is GenreCourriel.INVERSE:
            telephones[rang] = adresses[rang]
    return courriels, telephones


def _find_others(tires: Entiers, genres: tuple[object, ...], ordinaire: object) -> list[int]:
    """Return the rows whose kind is not the ordinary one: the few that are worth a call each."""
    if ordinaire not in genres:
        return list(range(len(tires)))
    autres: list[int] = np.flatnonzero(tires != genres.index(ordinaire)).tolist()
    return autres


def _to_copy(valeur: str | None) -> str:
    return NUL if valeur is None else escape(valeur)
