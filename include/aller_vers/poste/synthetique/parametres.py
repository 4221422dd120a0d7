"""Parameters of the synthetic source, each with the source of its default.

Reliability: H read in a direct source, M one secondary source or an inference, L weak, « guess » none at all.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from aller_vers.poste.synthetique.genres import (
    POIDS_CODE_POSTAL,
    POIDS_COURRIEL,
    POIDS_TELEPHONE,
    GenreCodePostal,
    GenreCourriel,
    GenreTelephone,
)
from aller_vers.socle.modele_strict import ModeleStrict
from aller_vers.socle.mois import Mois

Part = Annotated[float, Field(ge=0, le=1)]
Poids = Annotated[float, Field(ge=0)]


class Parametres(ModeleStrict):
    """What the generator needs to know; the same parameters give the same rows.

    Volumes are those of the whole network generated: with `codes_caf`, they fall on these Caf alone.
    """

    graine: int = Field(default=2025098, ge=0)
    mois_debut: Mois = Mois(2024, 7)
    nb_mois: int = Field(default=24, ge=1, le=240)
    jour: date | None = None
    """The day of the source: it knows no decision, right, contact nor appointment of later. None: it knows them all."""

    demandes_ajpa_par_mois: int = Field(default=1350, ge=0)
    """About 1,340 a month in 2024, extrapolated from the Var (IT 2025-098, §1.2), M."""
    demandes_ajpp_par_mois: int = Field(default=450, ge=0)
    """Unknown flow; 450 goes with a stock of about 10,700 families kept about two years, L."""
    variation_mensuelle: Part = 0.04
    """Standard deviation of the monthly volume, relative; 0 gives exactly the volumes above. Guess."""
    codes_caf: tuple[str, ...] | None = None
    """Reduced network; None for the 101 Caf."""

    taux_accord_ajpa: Part = 0.398
    """39.8 % of AJPA applications led to a right since 2020 (IT 2025-098, §1.2), H."""
    taux_accord_ajpp: Part = 0.62
    """Guess: the parent knows the child's condition, hence above the AJPA."""
    part_sans_decision: Part = 0.05
    """Applications still open, whatever their age. Guess."""
    delai_decision_median_jours: int = Field(default=25, ge=1)
    """Guess; log-normal with a tail of several months."""
    part_renouvellement: Part = 0.18
    """Guess: an AJPP right is renewed every 6 to 12 months, an AJPA right by periods of 3 months."""
    part_demandes_multiples: Part = 0.05
    """Further applications by the same person in the month; a quarter for the other benefit. Guess."""
    part_demandes_conjoint: Part = 0.02
    """Applications by the spouse of an applicant of the month. Guess."""

    part_couples: Part = 0.45
    """Dossiers with two adults. Guess."""
    part_contact_partage: Part = 0.60
    """Couples who share an e-mail or a telephone. Guess."""
    part_opposition: Part = 0.02
    """People who object to being contacted. Guess."""
    part_demenagement: Part = 0.03
    """Dossiers that another place holds today. Guess."""
    part_fin_affiliation: Part = 0.02
    """Dossiers whose affiliation has ended. Guess."""
    codes_pivot: tuple[str, ...] = ("331", "591", "671", "691", "831")
    """The list of pivots is not public (facts of the domain, « Network »): these are invented."""
    part_caf_adherentes: Part = 0.60
    """Caf whose files a pivot manages. Guess."""

    poids_courriel: dict[GenreCourriel, Poids] = POIDS_COURRIEL
    poids_telephone: dict[GenreTelephone, Poids] = POIDS_TELEPHONE
    poids_code_postal: dict[GenreCodePostal, Poids] = POIDS_CODE_POSTAL

    avec_parcours: bool = True
    """Fill also separation, contact, rendez_vous, accompagnement, recalcul, agent, support_communication."""
    separations_par_mois: int = Field(default=400, ge=0, le=50_000)
    """A sample, not the real flow (some hundred thousand a year): the path is tested, not its volume."""
    contacts_demandeurs_par_mois: int = Field(default=600, ge=0, le=500_000)
    """Contacts of applicants besides those of the separation path. Guess."""
    agents_par_caf: int = Field(default=12, ge=0, le=1000)
    """Guess."""

    taille_bloc: int = Field(default=50_000, ge=1, le=200_000)
    """Applications generated at a time: what bounds the memory. Another size gives other rows."""

    @model_validator(mode="after")
    def check_coherence(self) -> Self:
        """Refuse what would give an empty or impossible source.

        Raises:
            ValueError: no application at all, all weights zero, or shares that leave no new applicant.
        """
        if self.demandes_ajpa_par_mois + self.demandes_ajpp_par_mois == 0:
            raise ValueError("Aucune demande : donner un volume mensuel d'AJPA ou d'AJPP supérieur à 0.")
        for nom in ("poids_courriel", "poids_telephone", "poids_code_postal"):
            if sum(getattr(self, nom).values()) <= 0:
                raise ValueError(f"{nom} : au moins un poids doit être supérieur à 0.")
        if self.part_renouvellement + self.part_demandes_multiples + self.part_demandes_conjoint > 0.5:
            raise ValueError(
                "Renouvellements, demandes multiples et demandes de conjoint dépassent la moitié du total : "
                "il ne reste pas assez de nouveaux demandeurs à qui les rattacher."
            )
        if self.part_demandes_conjoint > 0.5 * self.part_couples:
            raise ValueError(
                "part_demandes_conjoint dépasse la moitié de part_couples : pas assez de conjoints."
            )
        if self.codes_caf is not None and not self.codes_caf:
            raise ValueError("codes_caf est vide : donner au moins un code, ou None pour tout le réseau.")
        return self

    @property
    def part_ajpa(self) -> float:
        """Share of AJPA among applications."""
        return self.demandes_ajpa_par_mois / (self.demandes_ajpa_par_mois + self.demandes_ajpp_par_mois)

    def list_mois(self) -> Iterator[Mois]:
        """Yield the months to fill, in order."""
        debut = self.mois_debut
        for rang in range(self.nb_mois):
            yield debut.shift(rang)
