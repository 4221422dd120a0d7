"""A document of sections that people complete: its model is a YAML file, what is left to write is highlighted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from aller_vers.rapports.document import Texte, build_document, write_paragraphe, write_tableau, write_titre
from aller_vers.socle.gabarits import fill
from aller_vers.socle.modele_strict import ModeleStrict

A_ECRIRE: Final = "« à écrire »"


class Section(ModeleStrict):
    """A part: sentences, then a table."""

    titre: str
    textes: tuple[str, ...] = ()
    entete: tuple[str, ...] = ()
    lignes: tuple[tuple[str, ...], ...] = ()

    def fill(self, valeurs: Mapping[str, str], fichier: Path) -> Section:
        """Return this part with what stands between braces replaced.

        Raises:
            FichierEditeError: a brace of this file names nothing.
        """
        return Section(
            titre=self.titre,
            textes=tuple(fill(t, valeurs, fichier) for t in self.textes),
            entete=self.entete,
            lignes=tuple(tuple(fill(c, valeurs, fichier) for c in ligne) for ligne in self.lignes),
        )

    def count_a_ecrire(self) -> int:
        """Return how many passages are left for people to write."""
        textes = [*self.textes, *(cellule for ligne in self.lignes for cellule in ligne)]
        return sum(texte.count(A_ECRIRE) for texte in textes)


def write_document(titre: str, sections: Sequence[Section]) -> bytes:
    """Return these parts as a Word document; what is to be written is highlighted."""
    corps = [write_titre(titre)]
    for section in sections:
        corps.append(write_titre(section.titre, 2))
        corps += [write_paragraphe(_split(texte)) for texte in section.textes]
        if section.entete:
            entete = [[Texte(nom, gras=True)] for nom in section.entete]
            corps.append(write_tableau([entete, *([_split(c) for c in li] for li in section.lignes)]))
    return build_document(corps)


def _split(texte: str) -> list[Texte]:
    """Return a text with what is left to write told apart."""
    morceaux = [Texte(m) for m in texte.split(A_ECRIRE)]
    ouvert = Texte(A_ECRIRE, surligne=True)
    return [m for morceau in morceaux for m in (ouvert, morceau)][1:]
