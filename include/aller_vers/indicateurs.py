"""Indicators: a dictionary of YAML files, computed from measures by one formula at every level."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import Connection

from aller_vers.erreurs import ErreurAllerVers
from aller_vers.mois import Mois
from aller_vers.sql import run_sql
from aller_vers.suites import read_yaml

DOSSIER = Path(__file__).parents[1] / "indicators"


class Terme(BaseModel):
    """A measure and its modality."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mesure: str
    modalite: str


class Indicateur(BaseModel):
    """An indicator's definition: precise enough to forbid a silent change (IGAS 2013-164R, rec. 2)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int = Field(ge=1)
    libelle: str
    definition: str
    nature: Literal["IR", "IS"]
    axe: str | None = None
    points: int | None = None
    type: Literal["compte", "ratio"]
    numerateur: Terme
    denominateur: Terme | None = None
    unite: str
    sens: Literal["plus", "moins"]
    valeur_origine: float | None = None
    cibles: dict[date, float] = Field(default_factory=dict)
    bande_quasi_atteint: float | None = None
    part_minimale_caisses: float | None = None
    biais: str
    levier: str
    source: str
    valable_du: date
    valable_au: date | None = None
    abandonne: bool = False
    journal: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _terms_match_type(self) -> Indicateur:
        if (self.type == "ratio") != (self.denominateur is not None):
            raise ValueError("un ratio a un dénominateur, un compte n'en a pas")
        return self

    def is_valable(self, mois: Mois) -> bool:
        """Tell whether this definition is in force in the month."""
        return self.valable_du < mois.fin and (self.valable_au is None or self.valable_au >= mois.debut)

    def find_cible(self, mois: Mois) -> float | None:
        """Return the target in force at the end of the month, None if there is none."""
        passees = [jour for jour in self.cibles if jour < mois.fin]
        return self.cibles[max(passees)] if passees else None


def load_dictionnaire(dossier: Path = DOSSIER) -> list[Indicateur]:
    """Return the dictionary: one YAML file an indicator, its name the indicator's code.

    Raises:
        ErreurAllerVers: a definition is incomplete, has an unknown field, or lies under another name.
    """
    dictionnaire: list[Indicateur] = []
    for fichier in sorted(dossier.glob("*.yml")):
        try:
            indicateur = Indicateur.model_validate(read_yaml(fichier))
        except (ValidationError, yaml.YAMLError) as erreur:
            raise ErreurAllerVers(
                f"L'indicateur include/indicators/{fichier.name} est refusé : {erreur}.",
                "corriger sa définition.",
            ) from None
        if indicateur.code != fichier.stem:
            raise ErreurAllerVers(
                f"Le fichier {fichier.name} définit « {indicateur.code} ».",
                f"le nommer {indicateur.code}.yml.",
            )
        dictionnaire.append(indicateur)
    return dictionnaire


def compute_indicateurs(entrepot: Connection, mois: Mois, dictionnaire: list[Indicateur]) -> int:
    """Replace the month's indicators: the nation, each region, each Caf.

    Returns:
        The number of indicators that were computed.
    """
    run_sql(entrepot, "marts_indicateurs/delete_indicateurs.sql", mois=str(mois))
    calcules = [i for i in dictionnaire if i.is_valable(mois) and not i.abandonne]
    for indicateur in calcules:
        denominateur = indicateur.denominateur
        run_sql(
            entrepot,
            "marts_indicateurs/compute_indicateur.sql",
            mois=str(mois),
            code=indicateur.code,
            version=indicateur.version,
            numerateur=indicateur.numerateur.mesure,
            numerateur_modalite=indicateur.numerateur.modalite,
            denominateur=denominateur.mesure if denominateur else None,
            denominateur_modalite=denominateur.modalite if denominateur else None,
            cible=indicateur.find_cible(mois),
            sens=indicateur.sens,
        )
    return len(calcules)


def check_marts(entrepot: Connection, mois: Mois) -> None:
    """Reconcile the month's marts.

    Raises:
        ErreurAllerVers: a national value is not the sum of its Caf, or a rate is out of its bounds.
    """
    ecarts = run_sql(entrepot, "marts_indicateurs/select_ecarts.sql", mois=str(mois)).all()
    if ecarts:
        noms = ", ".join(f"{ligne.code} (version {ligne.version})" for ligne in ecarts)
        raise ErreurAllerVers(
            f"Les indicateurs du mois {mois} ne se recoupent pas : {noms}.",
            "vérifier les fichiers de mesure de ces indicateurs ; les indicateurs du mois ne sont pas "
            "publiés.",
        )
