"""Reading the rows of a received table: every faulty cell is told at once, or nothing is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from aller_vers.retours.fichiers.formes import Forme
from aller_vers.retours.fichiers.refus import FichierRefuseError, name_cellule
from aller_vers.retours.fichiers.tableau import Tableau
from aller_vers.retours.fichiers.valeurs import ValeurRefuseeError, read_cpam, read_sienne
from aller_vers.socle.francais import count

T = TypeVar("T")
_CITEES = 10


@dataclass(frozen=True)
class Ligne:
    """A row of a received table: its number, its cells by title, the folder that it came in, its table's faults."""

    numero: int
    cellules: dict[str, str]
    depot: str
    phrases: list[str]

    def add(self, phrase: str) -> None:
        """Note what is wrong in this row; no value of it."""
        self.phrases.append(f"ligne {self.numero} : {phrase}")

    def _add_cellule(self, colonne: str, phrase: str) -> None:
        """Note what is wrong in a cell; those of a row are in the order of the file."""
        if colonne not in self.cellules:
            self.add(phrase)
            return
        rang = list(self.cellules).index(colonne) + 1
        self.phrases.append(f"cellule {name_cellule(self.numero, rang)} : {phrase}")

    def read(self, colonne: str, lecteur: Callable[[str], T]) -> T | None:
        """Return a cell's value; None where it is empty, absent, or faulty (then noted)."""
        texte = self.cellules.get(colonne, "")
        if not texte:
            return None
        try:
            return lecteur(texte)
        except ValeurRefuseeError as faute:
            self._add_cellule(colonne, f"la colonne {colonne} attend {faute}")
            return None

    def read_filled(self, colonnes: Iterable[str], lecteur: Callable[[str], T]) -> dict[str, T]:
        """Return the values of these cells by column, of those alone that have one."""
        lues = ((colonne, self.read(colonne, lecteur)) for colonne in colonnes)
        return {colonne: valeur for colonne, valeur in lues if valeur is not None}

    def require(self, colonne: str, lecteur: Callable[[str], T]) -> T | None:
        """Return a cell's value; an empty one is a fault too."""
        if not self.cellules.get(colonne, ""):
            self._add_cellule(colonne, f"la colonne {colonne} est vide")
        return self.read(colonne, lecteur)

    def require_cpam(self) -> str | None:
        """Return the Cpam of the row: in a Cpam's folder, that one alone."""
        return self.require("code_cpam", partial(read_cpam, depot=self.depot))

    def require_caf(self) -> str | None:
        """Return the Caf of the row: in a Caf's folder, that one alone."""
        return self.require("code_caf", partial(read_sienne, depot=self.depot))


@dataclass
class Fautes:
    """What is wrong in a table, cell by cell; no value of it."""

    phrases: list[str] = field(default_factory=list)

    def read_lignes(
        self, tableau: Tableau, depot: str, read: Callable[[Ligne], T | None], *,
        forme: Forme, cle: Callable[[T], Hashable], doublon: str, aucune: FichierRefuseError,
    ) -> list[tuple[Ligne, T]]:  # fmt: skip
        """Return what the completed rows of a table say, as ``read`` reads each; all of them or none.

        Raises:
            FichierRefuseError: something is wrong in it, two rows have one key (then ``doublon`` is told of both); or
                ``aucune``, where none was completed.
        """
        lus = list[tuple[Ligne, T]]()
        for numero, cellules in tableau.rows():
            ligne = Ligne(numero, cellules, depot, self.phrases)
            if forme.is_remplie(cellules) and (lu := read(ligne)) is not None:
                lus.append((ligne, lu))
        nombres = Counter(cle(lu) for _, lu in lus)
        for ligne, lu in lus:
            if nombres[cle(lu)] > 1:
                ligne.add(doublon)
        self.raise_any()
        if not lus:
            raise aucune
        return lus

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
            "Rien n'en a été pris :\n- " + "\n- ".join(self.phrases[:_CITEES]) + suite,
            "corriger ces cellules dans le fichier, puis le déposer de nouveau en entier dans retours/.",
        )
