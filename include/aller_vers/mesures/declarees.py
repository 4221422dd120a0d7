"""What a received figure may be: measures that no system here produces, and the profiles of a half-year."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.fichiers_edites import refuse
from aller_vers.socle.modele_strict import ModeleStrict
from aller_vers.socle.yaml_strict import read_modele

FICHIER_PROFILS = Path(__file__).parents[2] / "configuration" / "profils_aidants.yml"
_CodeProfil = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_]{0,39}$")]
_PROFILS = TypeAdapter(dict[_CodeProfil, Annotated[tuple[_CodeProfil, ...], Field(min_length=1)]])

FICHIER = Path(__file__).parents[2] / "configuration" / "mesures_declarees.yml"
Code = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{2,59}$")]
Modalite = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_:]{0,59}$")]


class MesureDeclaree(ModeleStrict, strict=True):
    """A measure that comes in a file: at which level, how often, with which modalities, and how it adds up.

    ``niveau``: whose figure it is; ``periode``: what one figure covers; without ``modalites`` it has none;
    ``compte``: what it counts; ``partition``: its modalities may be added up.
    """

    code: Code
    libelle: str = Field(min_length=5)
    niveau: Literal["caf", "cpam", "national"]
    periode: Literal["mois", "trimestre", "semestre", "annee"]
    modalites: tuple[Modalite, ...] = Field(default=(), strict=False)
    type: Literal["compte", "somme", "histogramme"]
    additive_dans_le_temps: bool
    compte: str = Field(default="personnes", min_length=1)
    partition: bool = False


_LISTE = TypeAdapter(list[MesureDeclaree])


@cache
def load_mesures_declarees(fichier: Path = FICHIER) -> dict[str, MesureDeclaree]:
    """Return the declared measures by code.

    Raises:
        ErreurAllerVers: the file is absent or not YAML, or a measure is declared twice, incomplete or with a key too
            many.
    """
    mesures = read_modele(fichier, _LISTE)
    codes = [mesure.code for mesure in mesures]
    doubles = sorted({code for code in codes if codes.count(code) > 1})
    doubles += sorted(m.code for m in mesures if len(set(m.modalites)) < len(m.modalites))
    if doubles:
        raise refuse(fichier, f"en double : {', '.join(doubles)}", "n'en garder qu'une.")
    return {mesure.code: mesure for mesure in mesures}


@cache
def load_profils(fichier: Path = FICHIER_PROFILS) -> dict[str, tuple[str, ...]]:
    """Return the modalities by dimension.

    Raises:
        ErreurAllerVers: the file is absent, not YAML, or says a modality twice.
    """
    profils = read_modele(fichier, _PROFILS)
    doubles = sorted(d for d, modalites in profils.items() if len(set(modalites)) < len(modalites))
    if doubles:
        raise ErreurAllerVers(
            f"Une modalité est écrite deux fois dans {fichier.name} : {', '.join(doubles)}.",
            "n'en garder qu'une.",
        )
    return profils
