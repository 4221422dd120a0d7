"""Suites of expectations: YAML read strictly, so that nothing asked for is left out in silence."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.modele_strict import ModeleStrict
from aller_vers.socle.yaml_strict import read_yaml

DOSSIER = Path(__file__).parents[3] / "expectations"
Severite = Literal["critical", "warning", "info"]
EXCES, MANQUE, ABSENCE = "exces_", "manque_", "absence_"
_RARETES = (EXCES, MANQUE, ABSENCE)


class Attente(ModeleStrict):
    """One expectation on one column of a profile, with the reason and date of its threshold.

    A column ``exces_<column>``, ``manque_<column>`` or ``absence_<column>`` is the rarity of a count (see
    ``aller_vers.qualite.rarete``): against ``part_normale``, a share of rows that is still normal, or against the past,
    of which ``dispersion`` is the relative standard deviation. ``libelle``, ``protege`` and ``source`` say what a rule
    without a file of its own means; once is enough.
    """

    type: str
    regle: str
    libelle: str | None = Field(default=None, min_length=5)
    protege: str | None = Field(default=None, min_length=5)
    source: str | None = Field(default=None, min_length=5)
    colonne: str
    parametres: dict[str, Any] = Field(default_factory=dict)
    part_normale: float | None = Field(default=None, gt=0, lt=1)
    dispersion: float | None = Field(default=None, gt=0, lt=1)
    severite: Severite
    raison: str = Field(min_length=10)
    date: date

    @property
    def lue(self) -> str:
        """The column of the profile that is read: of a rarity, the count."""
        return self.colonne.split("_", 1)[1] if self.colonne.startswith(_RARETES) else self.colonne

    @model_validator(mode="after")
    def _check_rarete(self) -> Self:
        modeles = (self.part_normale is not None) + (self.dispersion is not None)
        if modeles != self.colonne.startswith(_RARETES):
            raise ValueError(
                f"{self.colonne} : donner part_normale ou dispersion à une rareté, et à elle seule"
            )
        if self.part_normale is not None and not self.colonne.startswith(EXCES):
            raise ValueError(f"{self.colonne} : part_normale ne juge qu'un excès")
        return self


class Suite(ModeleStrict):
    """What a gate expects: of each Caf's row, and of the nation's."""

    gate: str
    caf: tuple[Attente, ...]
    nation: tuple[Attente, ...]

    def require_colonnes(self, caf: Collection[str], nation: Collection[str]) -> Self:
        """Return this suite, if a profile with these columns answers all that it asks.

        Raises:
            ErreurAllerVers: it names other columns; all of them are named.
        """
        inconnues = sorted(
            {a.colonne for a in self.caf if a.lue not in caf}
            | {a.colonne for a in self.nation if a.lue not in nation}
        )
        if inconnues:
            raise ErreurAllerVers(
                f"La suite de la porte {self.gate} demande des colonnes inconnues : {', '.join(inconnues)}.",
                "corriger « colonne » dans expectations/, ou écrire la règle qui la compte.",
            )
        return self


def load_suite(nom: str, dossier: Path = DOSSIER) -> Suite:
    """Read ``expectations/<nom>.yml``.

    Raises:
        ErreurAllerVers: a key or severity is unknown or missing, a key or rule written twice, or no rule
            asked of the Caf. Types and parameters are checked by ``porte.build_expectation``.
    """
    fichier = dossier / f"{nom}.yml"
    try:
        suite = Suite.model_validate(read_yaml(fichier))
    except (ValidationError, yaml.YAMLError, OSError) as erreur:
        raise _refusal(fichier, str(erreur)) from None
    doubles = {r for portee in (suite.caf, suite.nation) for r in _doubles([a.regle for a in portee])}
    for portee in (suite.caf, suite.nation):
        modeles = {(a.colonne, a.part_normale, a.dispersion) for a in portee}
        if partages := _doubles([colonne for colonne, *_ in modeles]):
            raise _refusal(fichier, f"une rareté à deux modèles : {', '.join(sorted(partages))}")
    if not suite.caf or doubles:
        raise _refusal(
            fichier,
            f"règles en double : {', '.join(sorted(doubles))}" if doubles else "aucune attente par Caf",
        )
    return suite


def _doubles(regles: list[str]) -> set[str]:
    return {regle for regle in regles if regles.count(regle) > 1}


def _refusal(fichier: Path, detail: str) -> ErreurAllerVers:
    return ErreurAllerVers(
        f"La suite expectations/{fichier.name} est refusée : {detail}.",
        "corriger ce fichier ; tant qu'il est refusé, aucun lot n'est jugé conforme.",
    )
