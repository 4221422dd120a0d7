"""Sheets that everybody reads, a screen reader too: a cover, one named table a sheet, no merged cell.

Source: Government Analysis Function, « Making spreadsheets accessible » (one table a sheet, marked and named as such;
its title in the first cell; notes above it; a cover sheet; no blank row, no merged cell).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.rapports.contenu import SUFFIXES, Figure
from aller_vers.socle.francais import MOINS

BLEU = "#1F4E79"
GRIS = "#5A5A5A"
COUVERTURE = "Lisez-moi"
# The cell stays a number, and says that it can still move.
PROVISOIRE = " (p)"
SIGNES = (
    "(p) : provisoire, peut encore changer ; « pas encore dû » : sa date n'est pas venue.",
    "« non fourni » : dû, et pas donné ; « sans objet » : rien à compter ; « trop peu » : trop peu de personnes.",
    "Une case vide n'est pas un zéro.",
)

_SOMMAIRE = len(SIGNES) + 2


class Nombre(NamedTuple):
    """A cell that is a number; ``is_ecart``: a difference, with its sign, that of two percentages in points."""

    figure: Figure
    unite: str = ""
    is_ecart: bool = False

    def express(self) -> tuple[Figure, str]:
        """Return its figure in the unit in which it is written."""
        return self.figure.express_ecart(self.unite) if self.is_ecart else (self.figure, self.unite)

    def write_statut(self) -> str:
        """Return the word that says why there is no number, empty where there is one."""
        return self.figure.write_statut() if self.figure.valeur is None and self.figure.statut else ""


Cellule = str | Nombre


@dataclass(frozen=True)
class Tableau:
    """A table and its sheet: name, title, what to know of it, columns with their widths, rows."""

    feuille: str
    titre: str
    note: str
    colonnes: tuple[tuple[str, int], ...]
    lignes: Sequence[Sequence[Cellule]]

    @property
    def nom(self) -> str:
        """The name of the table, as formulas write it."""
        return "".join(c if c.isascii() and c.isalnum() else "_" for c in self.feuille)


class Formats:
    """The formats of a workbook."""

    def __init__(self, classeur: Any) -> None:
        commun = {"font_name": "Arial", "font_size": 10, "valign": "top"}
        trait = commun | {"bottom": 1, "bottom_color": "#C8D2DE"}
        self.titre = classeur.add_format(commun | {"bold": True, "font_size": 15, "font_color": BLEU})
        self.note = classeur.add_format(commun | {"font_color": GRIS})
        self.lien = classeur.add_format(trait | {"font_color": BLEU, "underline": 1})
        self.entete = classeur.add_format(
            commun | {"bold": True, "font_color": "white", "bg_color": BLEU, "text_wrap": True}
        )
        self.texte = classeur.add_format(trait | {"text_wrap": True})
        self._statut = classeur.add_format(
            trait | {"align": "right", "italic": True, "font_color": GRIS, "text_wrap": True}
        )
        motifs = {find_motif(u, n) for u in (*SUFFIXES, "") for n in range(3)}
        self.nombres = {
            motif: classeur.add_format(trait | {"num_format": motif, "align": "right"})
            for motif in sorted(motifs | {_sign(m) for m in motifs} | {_add_provisoire(m) for m in motifs})
        }

    def express(self, cellule: Cellule) -> tuple[str | float, Any]:
        """Return a text, or a number that a spreadsheet can use, or the word that says why there is none; its format.

        What has nothing to say is an empty text.
        """
        if isinstance(cellule, str):
            return cellule, self.texte
        figure, unite = cellule.express()
        if figure.valeur is None:
            return cellule.write_statut(), self._statut
        motif = find_motif(unite, figure.count_decimales(unite))
        if cellule.is_ecart:
            motif = _sign(motif)
        elif figure.is_provisoire:
            motif = _add_provisoire(motif)
        return float(figure.valeur), self.nombres[motif]


def write_couverture(
    classeur: Any, formats: Formats, titre: str, note: str, feuilles: Iterable[tuple[str, str]]
) -> None:
    """Write the first sheet: whose workbook it is, what its signs mean, and what each sheet holds."""
    feuille = _open(classeur, COUVERTURE, titre, (note, *SIGNES), formats)
    lignes = list(feuilles)
    feuille.set_column(0, 0, 24)
    feuille.set_column(1, 1, 90)
    _mark(feuille, formats, "Sommaire", _SOMMAIRE, ("Feuille", "Contenu"), len(lignes))
    for rangee, (nom, contenu) in enumerate(lignes, start=_SOMMAIRE + 1):
        feuille.write_url(rangee, 0, f"internal:'{nom}'!A1", formats.lien, nom)
        feuille.write_string(rangee, 1, contenu, formats.texte)


def write_tableau(classeur: Any, formats: Formats, tableau: Tableau) -> None:
    """Write a table into its own sheet: its title, a note, then the table and nothing else."""
    feuille = _open(classeur, tableau.feuille, tableau.titre, (tableau.note,), formats)
    feuille.freeze_panes(3, 1)
    feuille.repeat_rows(2)
    for colonne, (_, largeur) in enumerate(tableau.colonnes):
        feuille.set_column(colonne, colonne, largeur)
    _mark(feuille, formats, tableau.nom, 2, [nom for nom, _ in tableau.colonnes], len(tableau.lignes))
    largeurs = [largeur for _, largeur in tableau.colonnes]
    feuille.set_row(2, find_hauteur([nom for nom, _ in tableau.colonnes], largeurs))
    feuille.fill_cellules(
        3, len(largeurs),
        ((find_hauteur(ligne, largeurs), [formats.express(c) for c in ligne]) for ligne in tableau.lignes),
    )  # fmt: skip


def build_definitions(definitions: Iterable[Indicateur]) -> Tableau:
    """Return the table of the definitions that a report needs."""
    return Tableau(
        "Définitions", "Définitions", "Ce que chaque indicateur compte, et ce qu'il ne voit pas.",
        (("Indicateur", 34), ("Définition", 62), ("Ce qu'il ne voit pas", 48), ("Source", 32), ("Code et version", 26)),
        [
            (i.libelle, i.definition.strip(), i.biais.strip(), i.source.strip(), f"{i.code}, version {i.version}")
            for i in definitions
        ],
    )  # fmt: skip


def find_motif(unite: str, decimales: int) -> str:
    """Return the format of a number, French wherever it is opened: ``1 234,5``, ``12,3 %``, ``26 j``."""
    suffixe = SUFFIXES.get(unite, "")
    return (
        "[$-40C]#,##0" + ("." + "0" * decimales if decimales else "")
        + (f" {suffixe}" if suffixe == "%" else f' "{suffixe}"' if suffixe else "")
    )  # fmt: skip


def find_hauteur(ligne: Sequence[Cellule], largeurs: Sequence[int]) -> float:
    """Return the height that the longest text of a row needs: a spreadsheet does not find it when it prints."""
    textes = (c if isinstance(c, str) else c.write_statut() for c in ligne)
    lignes = (-(-len(t) // largeur) for t, largeur in zip(textes, largeurs, strict=True))
    return 13 * max(1, *lignes, 1) + 3


def _add_provisoire(motif: str) -> str:
    return f'{motif}"{PROVISOIRE}"'


def _sign(motif: str) -> str:
    """Return the format of a difference: its sign is written, a plus too."""
    langue, nombre = motif[:7], motif[7:]
    return f'{langue}+{nombre};{langue}"{MOINS}"{nombre};{motif}'


def _open(classeur: Any, nom: str, titre: str, notes: Sequence[str], formats: Formats) -> Any:
    # Heavy, and reading the DAGs writes no workbook.
    from aller_vers.socle.feuille_de_rangees import FeuilleDeRangees

    feuille = classeur.add_worksheet(nom, FeuilleDeRangees)
    feuille.hide_gridlines(2)
    feuille.set_landscape()
    feuille.set_paper(9)
    feuille.fit_to_pages(1, 0)
    feuille.set_footer("&L&8Aller vers les proches aidants&R&8Page &P / &N")
    feuille.set_row(0, 22)
    feuille.write_string(0, 0, titre, formats.titre)
    for rangee, note in enumerate(notes, start=1):
        feuille.write_string(rangee, 0, note, formats.note)
    return feuille


def _mark(
    feuille: Any, formats: Formats, nom: str, entete: int, colonnes: Sequence[str], nombre: int
) -> None:
    fin = entete + max(nombre, 1)
    feuille.add_table(
        entete, 0, fin, len(colonnes) - 1,
        {"name": nom, "style": None, "columns": [{"header": c, "header_format": formats.entete} for c in colonnes]},
    )  # fmt: skip
    feuille.print_area(0, 0, fin, len(colonnes) - 1)
