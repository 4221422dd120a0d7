"""One file for an indicator that exists for several modalities: with or without children, by benefit, by age."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TROU = re.compile(r"\{(\w+)\}")
CLE = "declinaisons"


def expand(document: Mapping[str, Any], champs: frozenset[str]) -> list[dict[str, Any]]:
    """Return the definitions that a document of the dictionary holds; one without ``declinaisons`` holds itself.

    Each declension is a mapping. A key that is a field of a definition (``champs``) replaces that field; any other key
    fills the ``{holes}`` of its name in every text of the document. The « _ » before an empty hole goes with it:
    ``indus_{enfants}`` gives ``indus``.

    Raises:
        ValueError: the declensions are no list of mappings, a hole is not filled, or a filling fills no hole.
    """
    commun = {nom: valeur for nom, valeur in document.items() if nom != CLE}
    if CLE not in document:
        return [commun]
    declinaisons = document[CLE]
    if (
        not isinstance(declinaisons, list)
        or not all(isinstance(d, dict) for d in declinaisons)
        or not declinaisons
    ):
        raise ValueError(f"« {CLE} » est une liste d'associations")
    return [_decline(commun, declinaison, champs) for declinaison in declinaisons]


def _decline(
    commun: Mapping[str, Any], declinaison: Mapping[str, Any], champs: frozenset[str]
) -> dict[str, Any]:
    mots = {nom: str(valeur) for nom, valeur in declinaison.items() if nom not in champs}
    remplis: set[str] = set()

    def fill(valeur: Any) -> Any:
        if isinstance(valeur, str):
            trous = set(_TROU.findall(valeur))
            if vides := trous - mots.keys():
                raise ValueError(f"la déclinaison {declinaison} ne donne pas {', '.join(sorted(vides))}")
            remplis.update(trous)
            texte = re.sub(r"_?\{(\w+)\}", lambda t: "" if not mots[t[1]] else t[0], valeur)
            return _TROU.sub(lambda trou: mots[trou[1]], texte)
        if isinstance(valeur, dict):
            return {nom: fill(v) for nom, v in valeur.items()}
        return [fill(v) for v in valeur] if isinstance(valeur, list) else valeur

    definition = {**commun, **{nom: valeur for nom, valeur in declinaison.items() if nom in champs}}
    declinee = {nom: fill(valeur) for nom, valeur in definition.items()}
    if inutiles := mots.keys() - remplis:
        raise ValueError(f"rien n'attend {', '.join(sorted(inutiles))} dans la déclinaison {declinaison}")
    return declinee
