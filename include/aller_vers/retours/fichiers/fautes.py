"""Reading the rows of a received table: every faulty cell is told at once, or nothing is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from aller_vers.retours.fichiers.refus import FichierRefuseError, name_cellule
from aller_vers.retours.fichiers.valeurs import ValeurRefuseeError
from aller_vers.socle.francais import count

T = TypeVar("T")
_CITEES = 10


@dataclass
class Fautes:
    """What is wrong in a table, cell by cell; no value of it."""

    phrases: list[str] = field(default_factory=list)

    def add(self, numero: int, phrase: str) -> None:
        """Note what is wrong in this row."""
        self.phrases.append(f"ligne {numero} : {phrase}")

    def _add_cellule(self, numero: int, cellules: dict[str, str], colonne: str, phrase: str) -> None:
        """Note what is wrong in a cell; those of a row are in the order of the file."""
        if colonne not in cellules:
            self.add(numero, phrase)
            return
        self.phrases.append(f"cellule {name_cellule(numero, list(cellules).index(colonne) + 1)} : {phrase}")

    def read(
        self, numero: int, cellules: dict[str, str], colonne: str, lecteur: Callable[[str], T]
    ) -> T | None:
        """Return a cell's value; None where it is empty, absent, or faulty (then noted)."""
        texte = cellules.get(colonne, "")
        if not texte:
            return None
        try:
            return lecteur(texte)
        except ValeurRefuseeError as faute:
            self._add_cellule(numero, cellules, colonne, f"la colonne {colonne} attend {faute}")
            return None

    def require(
        self, numero: int, cellules: dict[str, str], colonne: str, lecteur: Callable[[str], T]
    ) -> T | None:
        """Return a cell's value; an empty one is a fault too."""
        if not cellules.get(colonne, ""):
            self._add_cellule(numero, cellules, colonne, f"la colonne {colonne} est vide")
        return self.read(numero, cellules, colonne, lecteur)

    def require_unique(self, lus: Sequence[tuple[int, T]], cle: Callable[[T], Hashable], phrase: str) -> None:
        """Refuse the table if anything is wrong in it, or if a key comes twice: then ``phrase`` says so.

        Raises:
            FichierRefuseError: with the first faults, row by row.
        """
        nombres = Counter(cle(lu) for _, lu in lus)
        for numero, lu in lus:
            if nombres[cle(lu)] > 1:
                self.add(numero, phrase)
        self.raise_any()

    def raise_any(self) -> None:
        """Refuse the table if anything is wrong in it.

        Raises:
            FichierRefuseError: with the first faults, row by row.
        """
        if not self.phrases:
            return
        autres = len(self.phrases) - _CITEES
        suite = f"\n- et {count(autres, 'autre')}" if autres > 0 else ""
        raise FichierRefuseError(
            "Rien n'a été pris de ce fichier :\n- " + "\n- ".join(self.phrases[:_CITEES]) + suite,
            "corriger ces cellules dans le fichier, puis le déposer de nouveau en entier dans retours/.",
        )
