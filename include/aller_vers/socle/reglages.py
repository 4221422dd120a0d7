"""Settings: one place, ``AV_*`` in the environment over one YAML file; secrets from the environment alone."""

from __future__ import annotations

import os
from datetime import time
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
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
from aller_vers.socle.reglages_caf import ReglagesCaf
from aller_vers.socle.reglages_conservation import ReglagesConservation
from aller_vers.socle.reglages_reception import ReglagesReception
from aller_vers.socle.yaml_strict import YamlIllisibleError, read_yaml

FICHIER = Path(os.environ.get("AV_REGLAGES", Path(__file__).parents[2] / "configuration" / "reglages.yml"))
Nature = Literal["initiale", "renouvellement"]


class Reglages(ReglagesCaf, ReglagesReception, ReglagesConservation, BaseSettings):
    """What the Cnaf may want to change without touching code. Every default is a choice to be confirmed."""

    model_config = SettingsConfigDict(
        env_prefix="AV_", yaml_file=FICHIER, yaml_file_encoding="utf-8", frozen=True, extra="forbid"
    )

    planification: bool = True
    """False: no run starts by itself (a laptop); True: the calendar does."""
    heure_requete: time = time(6)
    """Paris time of the request, first business day of M+1."""
    natures: tuple[Nature, ...] = Field(("initiale", "renouvellement"), min_length=1)
    """Natures of application in the request."""
    premier_mois_depot: Annotated[Mois, NoDecode] = Mois(2025, 6)  # a dataclass would be read as JSON
    """First month that drops lots (IT 2025-098 §2.1: from the end of June 2025)."""
    mois_sans_repetition: int = Field(0, ge=0, le=12)
    """Months before somebody transmitted is again; 0: every month."""
    jours_ouvres_transmission: int = Field(5, ge=1, le=20)
    """Business days that a Caf has to send its lot."""
    conventions_exemples: bool = False
    """Whether conventions that nobody signed carry lots: a demonstration."""
    caf_par_tache: int = Field(1, ge=1, le=101)
    """Caf whose lots one task writes: 1 shows each in Airflow, more start fewer processes."""
    nom_partage: str = ""
    """Name under which the Caf know the share, in notices; by default, its own address."""
    seuil_homogeneite: int = Field(5, ge=1)
    """Denominator from which a caisse counts in homogeneity and dispersion (the threshold of secrecy)."""
    heures_alerte_retard: float = Field(6, gt=0, le=240)
    """Hours after which a month that has not succeeded is told as late."""
    relances_caf_jours: tuple[int, ...] = (5, 10)
    """Business days after its drop when a Caf is reminded of a lot not acknowledged."""
    relance_equipe_jours: int = Field(15, ge=1, le=60)
    """Business days after its drop when the national team is told of it."""
    portail: Literal["aucun", "simule"] = "aucun"
    """Channel that sends a lot to its Cpam: none, or a simulated one that sends nothing."""
    mois_suivi: int = Field(4, ge=1, le=12)
    """Months of follow-up of a separation or an application (M+4): the months that stay open."""
    jours_retour: int = Field(45, ge=1, le=180)
    """Days after the transmission of a lot when its Cpam's return of the month is due."""
    jours_declaration: int = Field(60, ge=1, le=180)
    """Days after the end of their period when declared measures and half-year returns are due."""
    jours_reiteration: int = Field(30, ge=1, le=92)
    """Days within which another contact of a person for the same reason is a repeat."""
    dossier_mesures: str = Field("mesures", pattern="^[a-z0-9_-]+(/[a-z0-9_-]+)*$")
    """Folder of the share where the files of declared measures are dropped."""
    heures_reponse_decision: float = Field(240, gt=0, le=2160)
    """Hours that a question on a held lot waits for an answer; without any, the lot stays held."""
    seuil_diffusion: int = Field(5, ge=5, le=11)
    """Base to a multiple of which published counts of people are rounded (the SNDS practises 11)."""
    denominateur_diffusion: int = Field(20, ge=10, le=1000)
    """Smallest number of people of a published rate, mean or quantile."""
    mois_avant_diffusion: int = Field(2, ge=1, le=12)
    """Months after which a month is published, its returns having come in."""
    dossier_national: str = Field("national", pattern=r"^[a-z][a-z0-9_-]*$")
    """Folder of the share for the national reports and the open data set."""
    dossier_cpam: str = Field("cpam", pattern=r"^[a-z][a-z0-9_-]*$")
    """Folder of the share for the reports of the Cpam, closed to every Caf."""
    seuil_double_regard: int | None = Field(None, ge=0)
    """People above which the release of a held lot needs a second person; none: never."""
    autorite_horodatage: str = Field("", pattern=r"^(https?://[^\s@]+)?$")
    """Address of a timestamping authority (RFC 3161) that dates the monthly seal; empty: none."""
    lignage: str = Field("", pattern=r"^(https?://[^\s@]+|/\S+)?$")
    """Where OpenLineage events go: an address (http, https) or a file; empty: nowhere."""
    cle_identite: SecretStr | None = None
    """Key of the identities of contents (HMAC-SHA256): AV_CLE_IDENTITE."""

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
    def _read_file(self, file_path: Any) -> dict[str, Any]:
        lus = read_yaml(Path(file_path))
        if lus is not None and not isinstance(lus, dict):
            raise YamlIllisibleError("un réglage s'écrit « nom: valeur », un par ligne")
        return lus or {}

    def __call__(self) -> dict[str, Any]:
        lus = super().__call__()
        if "cle_identite" in lus:
            raise ErreurAllerVers(
                f"Le fichier de réglages {FICHIER} contient la clé des identités.",
                "l'en retirer, en changer, et la donner par la variable d'environnement AV_CLE_IDENTITE.",
            )
        return lus


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
    except (SettingsError, YamlIllisibleError) as erreur:
        fautes = str(erreur)
    raise ErreurAllerVers(
        f"Les réglages ne se lisent pas ({fautes}).",
        f"corriger {FICHIER} ou la variable d'environnement AV_<RÉGLAGE>.",
    )
