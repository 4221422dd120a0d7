"""Settings: one place, ``AV_*`` in the environment over one YAML file; secrets from the environment alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois

FICHIER = Path(os.environ.get("AV_REGLAGES", Path(__file__).parents[2] / "configuration" / "reglages.yml"))
Nature = Literal["initiale", "renouvellement"]
# What the law alone fixes (R.114-9-7 CRPA), in months: data that were exchanged, at most; their trace.
MOIS_PLAFOND = 12
MOIS_TRACE = 36


def read_adresse(texte: str) -> str:
    """Return an e-mail address in the form that any mail server takes.

    Raises:
        ValueError: it is none; the address is not repeated.
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        lue = validate_email(texte, allow_smtputf8=False, check_deliverability=False).ascii_email
    except EmailNotValidError:
        lue = None
    if not lue:
        raise ValueError("ce n'est pas une adresse électronique.")
    return lue


def _is_code(valeur: object) -> object:
    # YAML reads an unquoted 061 as the number 49.
    if not isinstance(valeur, str):
        raise ValueError('écrire le code entre guillemets, par exemple "061".')
    return valeur


Adresse = Annotated[str, AfterValidator(read_adresse)]
CodeCaf = Annotated[str, BeforeValidator(_is_code), Field(pattern="^[0-9]{3}$")]


class OptionsLot(BaseModel):
    """How a Caf wants its person files; the secret of a Caf whose files are encrypted is an Airflow connection."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["xlsx", "csv"] = "xlsx"
    chiffre: bool = False


class Reglages(BaseSettings):
    """What the Cnaf may want to change without touching code. Every default is a choice to be confirmed."""

    model_config = SettingsConfigDict(
        env_prefix="AV_", yaml_file=FICHIER, yaml_file_encoding="utf-8", frozen=True, extra="forbid"
    )

    planification: bool = Field(
        default=True, description="False: no run starts by itself (a laptop); True: the calendar does."
    )
    heure_requete: time = Field(
        default=time(6), description="Paris time of the request, first business day of M+1."
    )
    natures: tuple[Nature, ...] = Field(
        default=("initiale", "renouvellement"),
        min_length=1,
        description="Natures of application in the request.",
    )
    premier_mois_depot: Annotated[Mois, NoDecode] = Field(  # a dataclass would be read as JSON
        default=Mois(2025, 6),
        description="First month that drops lots (IT 2025-098 §2.1: from the end of June 2025).",
    )
    mois_avant_purge: int = Field(
        default=3,
        ge=1,
        le=MOIS_PLAFOND,
        description="Months after its first drop when a lot is destroyed at the latest, tables and share; "
        "the ceiling is the law's (R.114-9-7 CRPA).",
    )
    mois_apres_traitement: int = Field(
        default=1,
        ge=1,
        le=MOIS_PLAFOND,
        description="Months after every Cpam has treated a lot when it is destroyed; also for an extract that "
        "nothing followed.",
    )
    mois_certificat: int = Field(
        default=1,
        ge=1,
        le=MOIS_PLAFOND,
        description="Months after its treatment when a Cpam has destroyed a lot, and certified it (IT 2025-098 §2.2).",
    )
    mois_opposition: int = Field(
        default=24,
        ge=12,
        le=24,
        description="Months that the record of an objection is kept (R.114-9-7 CRPA).",
    )
    mois_sans_repetition: int = Field(
        default=0, ge=0, le=12, description="Months before somebody transmitted is again; 0: every month."
    )
    jours_fichiers_refuses: int = Field(
        default=30, ge=1, le=365, description="Days that a refused file stays on the share."
    )
    jours_fichiers_traites: int = Field(
        default=90, ge=1, le=365, description="Days that a file which was taken stays in retours/traites/."
    )
    dossier_quarantaine: str = Field(
        default="quarantaine",
        pattern=r"^[a-z][a-z0-9_-]{2,40}$",
        description="Folder of the share, closed to the Caf, of received files that may hold somebody's data.",
    )
    heures_quarantaine: int = Field(
        default=24, ge=1, le=168, description="Hours that such a file waits for a person's decision."
    )
    dossier_sauvegardes: Path | None = Field(
        default=None, description="Folder of the warehouse's backups, if the purge has to empty it."
    )
    jours_sauvegardes: int = Field(
        default=30, ge=1, le=365, description="Days that a backup stays in that folder."
    )
    jours_traces_airflow: int = Field(
        default=90, ge=1, le=365, description="Days that Airflow keeps its runs, XComs and task logs."
    )
    jours_ouvres_transmission: int = Field(
        default=5, ge=1, le=20, description="Business days that a Caf has to send its lot."
    )
    conventions_exemples: bool = Field(
        default=False, description="Whether conventions that nobody signed carry lots: a demonstration."
    )
    adresses_equipe_nationale: tuple[Adresse, ...] = Field(
        default=(), description="Addresses of the national team: digests, failures, months that are late."
    )
    adresses_caf: Mapping[CodeCaf, tuple[Adresse, ...]] = Field(
        default_factory=dict, description="Addresses of each Caf, by its code."
    )
    options_caf: Mapping[CodeCaf, OptionsLot] = Field(
        default_factory=dict,
        description="Options of the lots of each Caf, by its code: format (xlsx, csv), chiffre (zip AES-256).",
    )
    nom_partage: str = Field(
        default="",
        description="Name under which the Caf know the share, in notices; by default, its own address.",
    )
    seuil_homogeneite: int = Field(
        default=5,
        ge=1,
        description="Denominator from which a caisse counts in homogeneity and dispersion (the threshold of secrecy).",
    )
    heures_alerte_retard: float = Field(
        default=6,
        gt=0,
        le=240,
        description="Hours after which a month that has not succeeded is told as late.",
    )
    relances_caf_jours: tuple[int, ...] = Field(
        default=(5, 10),
        description="Business days after its drop when a Caf is reminded of a lot not acknowledged.",
    )
    relance_equipe_jours: int = Field(
        default=15,
        ge=1,
        le=60,
        description="Business days after its drop when the national team is told of it.",
    )
    portail: Literal["aucun", "simule"] = Field(
        default="aucun",
        description="Channel that sends a lot to its Cpam: none, or a simulated one that sends nothing.",
    )
    reception_fraicheur_secondes: int = Field(
        default=60,
        ge=0,
        le=3_600,
        description="Seconds that a received file has to rest: it may still be copied.",
    )
    reception_octets_max: int = Field(
        default=2_000_000, ge=1_000, le=50_000_000, description="Bytes of a received file, at most."
    )
    reception_octets_decompresses_max: int = Field(
        default=10_000_000, ge=10_000, le=100_000_000, description="Bytes of a received workbook once opened."
    )
    reception_entrees_max: int = Field(
        default=200, ge=10, le=2_000, description="Parts of a received workbook, at most."
    )
    reception_balises_max: int = Field(
        default=400_000, ge=1_000, le=4_000_000, description="XML tags of a received workbook, at most."
    )
    reception_lignes_max: int = Field(
        default=5_000, ge=10, le=100_000, description="Rows of a received table, at most."
    )
    reception_colonnes_max: int = Field(
        default=60, ge=15, le=1_000, description="Columns of a received table, at most."
    )
    reception_caracteres_max: int = Field(
        default=500, ge=50, le=30_000, description="Characters of a cell of a received table, at most."
    )
    reception_cellules_max: int = Field(
        default=100_000,
        ge=1_000,
        le=2_000_000,
        description="Cells of a received workbook, all its sheets together.",
    )
    reception_secondes_max: int = Field(
        default=10, ge=1, le=120, description="Seconds that reading one received file may last."
    )
    mois_suivi: int = Field(
        default=4,
        ge=1,
        le=12,
        description="Months of follow-up of a separation or an application (M+4): the months that stay open.",
    )
    jours_retour: int = Field(
        default=45,
        ge=1,
        le=180,
        description="Days after the transmission of a lot when its Cpam's return of the month is due.",
    )
    jours_declaration: int = Field(
        default=60,
        ge=1,
        le=180,
        description="Days after the end of their period when declared measures and half-year returns are due.",
    )
    jours_reiteration: int = Field(
        default=30,
        ge=1,
        le=92,
        description="Days within which another contact of a person for the same reason is a repeat.",
    )
    dossier_mesures: str = Field(
        default="mesures",
        pattern="^[a-z0-9_-]+(/[a-z0-9_-]+)*$",
        description="Folder of the share where the files of declared measures are dropped.",
    )
    heures_reponse_decision: float = Field(
        default=240,
        gt=0,
        le=2160,
        description="Hours that a question on a held lot waits for an answer; without any, the lot stays held.",
    )
    seuil_diffusion: int = Field(
        default=5,
        ge=5,
        le=11,
        description="Base to a multiple of which published counts of people are rounded (the SNDS practises 11).",
    )
    denominateur_diffusion: int = Field(
        default=20,
        ge=10,
        le=1000,
        description="Smallest number of people of a published rate, mean or quantile.",
    )
    mois_avant_diffusion: int = Field(
        default=2,
        ge=1,
        le=12,
        description="Months after which a month is published, its returns having come in.",
    )
    dossier_national: str = Field(
        default="national",
        pattern=r"^[a-z][a-z0-9_-]*$",
        description="Folder of the share for the national reports and the open data set.",
    )
    dossier_cpam: str = Field(
        default="cpam",
        pattern=r"^[a-z][a-z0-9_-]*$",
        description="Folder of the share for the reports of the Cpam, closed to every Caf.",
    )
    seuil_double_regard: int | None = Field(
        default=None,
        ge=0,
        description="People above which the release of a held lot needs a second person; none: never.",
    )
    autorite_horodatage: str = Field(
        default="",
        pattern=r"^(https?://[^\s@]+)?$",
        description="Address of a timestamping authority (RFC 3161) that dates the monthly seal; empty: none.",
    )
    cle_identite: SecretStr | None = Field(
        default=None, description="Key of the identities of contents (HMAC-SHA256): AV_CLE_IDENTITE."
    )

    @model_validator(mode="after")
    def _obeys_the_ceiling(self) -> Reglages:
        # A backup made on the last day still holds the persons.
        if (
            self.dossier_sauvegardes
            and self.mois_avant_purge * 31 + self.jours_sauvegardes > MOIS_PLAFOND * 31
        ):
            raise ValueError(
                f"mois_avant_purge et jours_sauvegardes gardent ensemble les données plus de {MOIS_PLAFOND} mois "
                "(R.114-9-7 CRPA) : réduire l'un des deux."
            )
        return self

    @field_validator("heure_requete", mode="before")
    @classmethod
    def _is_heure(cls, valeur: object) -> object:
        # YAML reads an unquoted 7:30 as the number 450, and that would be 00:07:30.
        if isinstance(valeur, int | float):
            raise ValueError('écrire l\'heure entre guillemets, par exemple "07:30".')
        return valeur

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the YAML file."""
        return init_settings, env_settings, _FichierSansSecret(settings_cls)


class _FichierSansSecret(YamlConfigSettingsSource):
    def __call__(self) -> dict[str, Any]:
        lus = super().__call__()
        if "cle_identite" in lus:
            raise ErreurAllerVers(
                f"Le fichier de réglages {FICHIER} contient la clé des identités.",
                "l'en retirer, en changer, et la donner par la variable d'environnement AV_CLE_IDENTITE.",
            )
        return lus


@dataclass(frozen=True)
class Limites:
    """What a received file may cost before anything in it is believed: bytes, counts, seconds."""

    octets: int
    octets_decompresses: int
    entrees: int
    balises: int
    lignes: int
    colonnes: int
    caracteres: int
    cellules: int
    secondes: int

    @classmethod
    def of(cls, reglages: Reglages) -> Limites:
        """Return the limits that the settings give."""
        return cls(**{champ.name: getattr(reglages, f"reception_{champ.name}_max") for champ in fields(cls)})


@cache
def load_reglages() -> Reglages:
    """Return the settings, read once a process.

    Raises:
        ErreurAllerVers: the file that ``AV_REGLAGES`` names is absent, or a setting is not what it has to be.
    """
    if "AV_REGLAGES" in os.environ and not FICHIER.is_file():
        raise ErreurAllerVers(f"Le fichier de réglages {FICHIER} n'existe pas.", "corriger AV_REGLAGES.")
    try:
        return Reglages()
    except ValidationError as erreur:
        # Without the values: one of them may be a secret that is in the wrong place.
        fautes = " ; ".join(
            f"{'.'.join(str(cle) for cle in faute['loc'])} : {faute['msg']}"
            for faute in erreur.errors(include_input=False, include_url=False, include_context=False)
        )
    except (SettingsError, yaml.YAMLError) as erreur:
        fautes = type(erreur).__name__ if isinstance(erreur, yaml.YAMLError) else str(erreur)
    raise ErreurAllerVers(
        f"Les réglages ne se lisent pas ({fautes}).",
        f"corriger {FICHIER} ou la variable d'environnement AV_<RÉGLAGE>.",
    )
