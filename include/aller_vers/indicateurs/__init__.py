"""Indicators: a dictionary of definitions, and one formula at every level."""

from aller_vers.indicateurs.dictionnaire import Indicateur, load_dictionnaire

__all__ = ["Indicateur", "load_dictionnaire"]
