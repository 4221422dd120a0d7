"""Dictionaries and measures written in a line, for tests that read like the documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import Mesure, Reseau

FICHE: dict[str, Any] = {
    "version": 1, "libelle": "Libellé", "definition": "Définition.", "nature": "IS", "unite": "part", "sens": "plus",
    "biais": "Biais.", "levier": "Levier.", "source": "Source.", "valable_du": date(2009, 1, 1),
    "journal": ["version 1 : première définition", "version 2 : autre définition"],
}  # fmt: skip


def terme(texte: str | Sequence[str]) -> list[dict[str, Any]]:
    """Read ``mesure``, ``mesure:modalite``, or a list of them."""
    if not isinstance(texte, str):
        return [composant for t in texte for composant in terme(t)]
    mesure, _, modalite = texte.partition(":")
    return [{"mesure": mesure, "modalite": modalite or None}]


def define(code: str, type_: str, numerateur: Any, denominateur: Any = None, **champs: Any) -> Indicateur:
    def build(valeur: Any) -> Any:
        return terme(valeur) if isinstance(valeur, str) or (valeur and isinstance(valeur[0], str)) else valeur

    return Indicateur.model_validate(
        FICHE | {"code": code, "type": type_, "numerateur": build(numerateur)}
        | ({} if denominateur is None else {"denominateur": build(denominateur)}) | champs
    )  # fmt: skip


def write_dictionnaire(dossier: Path, dictionnaire: Sequence[Indicateur]) -> Path:
    dossier.mkdir(exist_ok=True)
    for i in dictionnaire:
        nom = i.code if i.version == 1 else f"{i.code}_v{i.version}"
        champs = yaml.safe_dump(_simplify(i.model_dump(exclude_none=True)), allow_unicode=True)
        (dossier / f"{nom}.yml").write_text(champs, encoding="utf-8")
    return dossier


def _simplify(valeur: Any) -> Any:
    if isinstance(valeur, Mapping):
        return {cle: _simplify(v) for cle, v in valeur.items()}
    if isinstance(valeur, list | tuple):
        return [_simplify(v) for v in valeur]
    return str(valeur) if isinstance(valeur, Decimal) else valeur


def mesure(
    mois: str, nom: str, valeur: float | int | str | Decimal, caf: str | None = None, cpam: str | None = None,
    classe: int | None = None,
) -> Mesure:  # fmt: skip
    nom, _, modalite = nom.partition(":")
    return Mesure(mois, caf, cpam, nom, modalite or None, classe, Decimal(str(valeur)))


RESEAU = Reseau({"831": "93", "061": "93", "751": "11"}, {"831": "93", "061": "93", "751": "11"})
