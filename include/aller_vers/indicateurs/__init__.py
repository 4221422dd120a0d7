"""Indicators: a dictionary of definitions, and one formula at every level."""

from aller_vers.indicateurs.calcul_sql import check_marts, compute_indicateurs
from aller_vers.indicateurs.dictionnaire import Indicateur, load_dictionnaire

__all__ = ["Indicateur", "check_marts", "compute_indicateurs", "load_dictionnaire"]
