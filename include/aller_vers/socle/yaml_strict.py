"""YAML read strictly: a key that is written twice is an error, never a silent choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from aller_vers.socle.fichiers_edites import FichierEditeError, read_texte, refuse

M = TypeVar("M")


class YamlIllisibleError(yaml.YAMLError):
    """A file is no YAML; its text, in French, says where and never what stands there."""


def read_modele(fichier: Path, genre: TypeAdapter[M], *, en_textes: bool = False) -> M:
    """Read a YAML file that people edit as what this type says it holds.

    Raises:
        FichierEditeError: it is absent, no YAML, or does not hold that; each place is named, never what stands there.
    """
    try:
        return genre.validate_python(read_yaml(fichier, en_textes=en_textes))
    except ValidationError as erreur:
        fautes = " ; ".join(
            f"{'.'.join(map(str, f['loc'])) or 'le fichier'} : {f['msg'].removeprefix('Value error, ')}"
            for f in erreur.errors(include_input=False, include_url=False, include_context=False)
        )
    except yaml.YAMLError as erreur:
        fautes = str(erreur)
    raise refuse(fichier, fautes, "corriger ce fichier, ou le rétablir tel qu'il était.")


def read_yaml(fichier: Path, *, en_textes: bool = False) -> Any:
    """Read a YAML file, in UTF-8 with its mark or without, in which no key is written twice and every key is a text.

    ``en_textes``: « oui », « non », dates and numbers stay as they are written.

    Raises:
        YamlIllisibleError: the file is absent, not UTF-8, not YAML, or has such a key or a day that does not exist.
    """
    try:
        lecteur = _LecteurDeTextes if en_textes else _LecteurStrict
        return yaml.load(read_texte(fichier), Loader=lecteur)  # noqa: S506 - a SafeLoader
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


class _LecteurDeTextes(_LecteurStrict):
    """Reads « oui », « non », numbers and dates as texts."""


_LecteurDeTextes.yaml_implicit_resolvers = {}
