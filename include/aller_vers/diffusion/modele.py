"""What a reader sees of a value."""

from __future__ import annotations

from typing import Literal, NamedTuple

from aller_vers.indicateurs.modele import Statut, Valeur

# ``publie``: rounded, or as it is where it counts no person; ``petit``: 0 to base - 1; ``trop_peu``: its two terms, and
# no rate over so few people.
StatutPublie = Literal["publie", "petit", "trop_peu", "non_fourni", "sans_objet"]


class Case(NamedTuple):
    """A value as a reader sees it: as it is, under its own status, or as it is published."""

    valeur: Valeur
    statut: Statut | StatutPublie
