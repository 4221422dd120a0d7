"""What a half-year's profile may describe: dimensions and their modalities, no free text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.yaml_strict import read_yaml

FICHIER = Path(__file__).parents[2] / "configuration" / "profils_aidants.yml"
_Code = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_]{0,39}$")]
_PROFILS = TypeAdapter(dict[_Code, Annotated[tuple[_Code, ...], Field(min_length=1)]])


@cache
def load_profils(fichier: Path = FICHIER) -> dict[str, tuple[str, ...]]:
    """Return the modalities by dimension.

    Raises:
        ErreurAllerVers: the file is absent, not YAML, or says a modality twice.
    """
    try:
        profils = _PROFILS.validate_python(read_yaml(fichier))
    except (ValidationError, yaml.YAMLError, OSError) as erreur:
        raise ErreurAllerVers(
            f"Les profils des aidants ({fichier.name}) ne se lisent pas : {type(erreur).__name__}.",
            "corriger ce fichier : une dimension par ligne, puis ses modalités entre crochets.",
        ) from None
    doubles = sorted(d for d, modalites in profils.items() if len(set(modalites)) < len(modalites))
    if doubles:
        raise ErreurAllerVers(
            f"Une modalité est écrite deux fois dans {fichier.name} : {', '.join(doubles)}.",
            "n'en garder qu'une.",
        )
    return profils
