"""YAML read strictly: a key that is written twice is an error, never a silent choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from aller_vers.socle.fichiers_edites import FichierEditeError, read_texte


class YamlIllisibleError(yaml.YAMLError):
    """A file is no YAML; its text, in French, says where and never what stands there."""


def read_yaml(fichier: Path) -> Any:
    """Read a YAML file, in UTF-8 with its mark or without, in which no key is written twice and every key is a text.

    Raises:
        YamlIllisibleError: the file is absent, not UTF-8, not YAML, or has such a key or a day that does not exist.
    """
    try:
        return yaml.load(read_texte(fichier), Loader=_LecteurStrict)  # noqa: S506 - a SafeLoader
    except FichierEditeError as erreur:
        raise YamlIllisibleError(str(erreur)) from None
    except _CleError as erreur:
        raise YamlIllisibleError(f"{_place(erreur)}{erreur.problem}") from None
    except yaml.YAMLError as erreur:
        raise YamlIllisibleError(
            f"{_place(erreur)}ce n'est pas du YAML : vérifier retraits et guillemets"
        ) from None
    except (
        ValueError,
        TypeError,
        RecursionError,
        AttributeError,
    ):  # a day that does not exist, a key that is a list
        raise YamlIllisibleError("une date n'existe pas, ou une clé n'est pas un mot") from None


class _CleError(yaml.constructor.ConstructorError):
    """A key that is not one."""


def _place(erreur: yaml.YAMLError) -> str:
    marque = getattr(erreur, "problem_mark", None)
    return f"ligne {marque.line + 1}, colonne {marque.column + 1} : " if marque else ""


# The parser in C, where the wheel of this platform has it: the dictionary reads ten times as fast.
_Lecteur: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _LecteurStrict(_Lecteur):  # type: ignore[misc]
    """A YAML reader that refuses a key written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        cles = [self.construct_object(cle, deep=deep) for cle, _ in node.value]
        if len(cles) != len(set(cles)):
            raise _CleError(None, None, f"clé en double parmi {sorted(map(str, cles))}", node.start_mark)
        if any(isinstance(cle, bool) or cle is None for cle in cles):
            # YAML reads yes, no, on and off as true and false.
            raise _CleError(
                None, None, "une clé est oui, non ou rien : la mettre entre guillemets", node.start_mark
            )
        lue: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return lue
