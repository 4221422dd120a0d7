"""YAML read strictly: a key that is written twice is an error, never a silent choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read_yaml(fichier: Path) -> Any:
    """Read a YAML file in which no key is written twice.

    Raises:
        yaml.YAMLError: a key is, or the file is not YAML.
    """
    return yaml.load(fichier.read_text(encoding="utf-8"), Loader=_LecteurStrict)  # noqa: S506 - a SafeLoader


# The parser in C, where the wheel of this platform has it: the dictionary reads ten times as fast.
_Lecteur: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _LecteurStrict(_Lecteur):  # type: ignore[misc]
    """A YAML reader that refuses a key written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        cles = [self.construct_object(cle, deep=deep) for cle, _ in node.value]
        if len(cles) != len(set(cles)):
            raise yaml.constructor.ConstructorError(
                None, None, f"clé en double parmi {sorted(map(str, cles))}", node.start_mark
            )
        lue: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return lue
