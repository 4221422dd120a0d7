"""A report as a workbook: figures, native charts, definitions. The same content gives the same bytes."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import xlsxwriter

from aller_vers.rapports.contenu import STATUTS, SUFFIXES, Figure, Ligne, Rapport

BLEU, PALE, GRIS = "#1F4E79", "#E8EEF5", "#5A5A5A"
_COLONNES = (
    ("Indicateur", 52), ("Période", 15), ("Valeur", 13), ("Mois précédent", 15), ("Nation (publiée)", 17),
    ("Cible", 11), ("Atteinte", 17),
)  # fmt: skip

_HOMOGENEITE = (
    ("Indicateur", 52), ("Nation", 11), ("Cible", 10), ("Mini", 10), ("1er décile", 10), ("Médiane", 10),
    ("9e décile", 10), ("Maxi", 10), ("Caisses", 9), ("Dont à la cible", 10), ("Part à la cible", 10),
    ("Cible nationale", 17), ("Homogénéité", 15),
)  # fmt: skip


def build_classeur(rapport: Rapport) -> bytes:
    """Return the workbook of a report."""
    tampon = io.BytesIO()
    classeur = xlsxwriter.Workbook(
        tampon, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    classeur.set_properties(
        {"title": rapport.titre, "created": datetime(rapport.mois.annee, rapport.mois.numero, 1)}
    )
    formats = _Formats(classeur)
    _write_indicateurs(classeur, formats, rapport)
    if rapport.ecarts:
        _write_homogeneite(classeur, formats, rapport)
    _write_suivi(classeur, formats, rapport)
    _write_definitions(classeur, formats, rapport)
    classeur.close()
    return tampon.getvalue()


class _Formats:
    def __init__(self, classeur: Any) -> None:
        commun = {"font_name": "Arial", "font_size": 10, "valign": "vcenter"}
        trait = commun | {"bottom": 1, "bottom_color": "#C8D2DE"}
        self.titre = classeur.add_format(commun | {"bold": True, "font_size": 15, "font_color": BLEU})
        self.note = classeur.add_format(commun | {"font_color": GRIS, "text_wrap": True, "valign": "top"})
        self.entete = classeur.add_format(
            commun
            | {"bold": True, "font_color": "white", "bg_color": BLEU, "text_wrap": True, "align": "center"}
        )
        self.axe = classeur.add_format(
            commun | {"bold": True, "font_size": 12, "font_color": BLEU, "bg_color": PALE}
        )
        self.famille = classeur.add_format(trait | {"bold": True, "font_color": BLEU, "valign": "bottom"})
        self.texte = classeur.add_format(trait | {"text_wrap": True})
        self.centre = classeur.add_format(trait | {"align": "center"})
        self.statut = classeur.add_format(trait | {"align": "right", "italic": True, "font_color": GRIS})
        self.part = classeur.add_format(trait | {"num_format": "0.0 %", "align": "right"})
        self.nombre = classeur.add_format(trait | {"num_format": "#,##0", "align": "right"})
        self.decimal = classeur.add_format(trait | {"num_format": "#,##0.0", "align": "right"})
        self.unites = {
            (unite, entier): classeur.add_format(
                trait | {"num_format": f'{"#,##0" if entier else "#,##0.0"} "{suffixe}"', "align": "right"}
            )
            for unite, suffixe in SUFFIXES.items()
            for entier in (True, False)
        }

    def write(self, feuille: Any, rangee: int, colonne: int, figure: Figure, unite: str) -> None:
        """Write a figure as a number that a spreadsheet can use, or the word that says why there is none."""
        if figure.valeur is None:
            feuille.write_string(rangee, colonne, STATUTS.get(figure.statut, ""), self.statut)
            return
        entier = figure.valeur == int(figure.valeur)
        genre = self.part if unite == "part" else self.nombre if entier else self.decimal
        genre = self.unites.get((unite, entier), genre)
        feuille.write_number(rangee, colonne, float(figure.valeur), genre)


def _prepare(feuille: Any, entete: int) -> None:
    feuille.hide_gridlines(2)
    feuille.set_landscape()
    feuille.set_paper(9)
    feuille.fit_to_pages(1, 0)
    feuille.repeat_rows(entete)
    feuille.freeze_panes(entete + 1, 1)
    feuille.set_footer("&L&8Aller vers les proches aidants&R&8Page &P / &N")


def _write_indicateurs(classeur: Any, formats: _Formats, rapport: Rapport) -> None:
    feuille = classeur.add_worksheet("Indicateurs")
    _prepare(feuille, 3)
    feuille.merge_range(0, 0, 0, 6, rapport.titre, formats.titre)
    feuille.set_row(0, 24)
    feuille.merge_range(1, 0, 1, 6, rapport.note, formats.note)
    feuille.set_row(1, 32)
    feuille.set_row(3, 22)
    for colonne, (nom, largeur) in enumerate(_COLONNES):
        feuille.set_column(colonne, colonne, largeur)
        feuille.write_string(3, colonne, nom, formats.entete)
    rangee, axe = 3, ""
    for famille, lignes in rapport.group_familles():
        if famille.axe != axe:
            rangee, axe = rangee + 1, famille.axe
            _write_titre(feuille, rangee, axe, formats.axe)
            feuille.set_row(rangee, 22)
        rangee += 1
        _write_titre(feuille, rangee, famille.titre, formats.famille)
        for ligne in lignes:
            rangee += 1
            _write_ligne(feuille, formats, rangee, ligne)


def _write_titre(feuille: Any, rangee: int, titre: str, genre: Any) -> None:
    """Write a title over the whole width, without merging: the first column is frozen."""
    feuille.write_string(rangee, 0, titre, genre)
    for colonne in range(1, len(_COLONNES)):
        feuille.write_blank(rangee, colonne, None, genre)


def _write_ligne(feuille: Any, formats: _Formats, rangee: int, ligne: Ligne) -> None:
    feuille.set_row(rangee, 20 if len(ligne.libelle) <= 56 else 30)
    feuille.write_string(rangee, 0, ligne.libelle, formats.texte)
    feuille.write_string(rangee, 1, ligne.periode, formats.centre)
    for colonne, figure in enumerate((ligne.ici, ligne.precedent, ligne.nation), start=2):
        formats.write(feuille, rangee, colonne, figure, ligne.unite)
    formats.write(feuille, rangee, 5, Figure(ligne.cible, ""), ligne.unite)
    feuille.write_string(rangee, 6, ligne.atteinte, formats.centre)


def _write_homogeneite(classeur: Any, formats: _Formats, rapport: Rapport) -> None:
    feuille = classeur.add_worksheet("Homogénéité")
    _prepare(feuille, 0)
    feuille.set_row(0, 32)
    for colonne, (nom, largeur) in enumerate(_HOMOGENEITE):
        feuille.set_column(colonne, colonne, largeur)
        feuille.write_string(0, colonne, nom, formats.entete)
    for rangee, e in enumerate(rapport.ecarts, start=1):
        unite = e.ligne.unite
        feuille.set_row(rangee, 20 if len(e.ligne.libelle) <= 56 else 30)
        feuille.write_string(rangee, 0, e.ligne.libelle, formats.texte)
        for colonne, figure in enumerate((e.nation, Figure(e.ligne.cible, ""), *e.repartition), start=1):
            formats.write(feuille, rangee, colonne, figure, unite)
        feuille.write_number(rangee, 8, e.nb_caisses, formats.nombre)
        formats.write(feuille, rangee, 9, e.nb_atteint, "")
        formats.write(feuille, rangee, 10, e.part_atteint, "part")
        feuille.write_string(rangee, 11, e.atteinte_nationale, formats.centre)
        feuille.write_string(rangee, 12, e.atteinte_homogeneite, formats.centre)


def _write_suivi(classeur: Any, formats: _Formats, rapport: Rapport) -> None:
    feuille = classeur.add_worksheet("Évolution")
    _prepare(feuille, 0)
    feuille.set_column(0, 0, 52)
    feuille.set_column(1, max(len(rapport.mois_suivis), 1), 15)
    feuille.write_string(0, 0, "Indicateur", formats.entete)
    for colonne, mois in enumerate(rapport.mois_suivis, start=1):
        feuille.write_string(0, colonne, mois.libelle, formats.entete)
    suivies = rapport.find_suivies()
    for rangee, ligne in enumerate(suivies, start=1):
        feuille.write_string(rangee, 0, ligne.libelle, formats.texte)
        for colonne, figure in enumerate(rapport.suivi[ligne.code], start=1):
            formats.write(feuille, rangee, colonne, figure, ligne.unite)
    _draw(classeur, feuille, rapport)


def _draw(classeur: Any, feuille: Any, rapport: Rapport) -> None:
    """Draw from a sheet of its own: a chart takes a word such as « secret » for a zero."""
    suivies = rapport.find_dessinees()
    donnees = classeur.add_worksheet("Données des graphiques")
    donnees.hide()
    for colonne, mois in enumerate(rapport.mois_suivis, start=1):
        donnees.write_string(0, colonne, f"{mois.numero:02d}/{mois.annee % 100:02d}")
    for rangee, ligne in enumerate(suivies, start=1):
        donnees.write_string(rangee, 0, ligne.libelle)
        for colonne, figure in enumerate(rapport.suivi[ligne.code], start=1):
            if figure.valeur is not None:
                donnees.write_number(rangee, colonne, float(figure.valeur))
    feuille_source, fin = "Données des graphiques", len(rapport.mois_suivis)
    premiere = len(rapport.find_suivies()) + 2
    for rang, ligne in enumerate(suivies):
        graphique = classeur.add_chart({"type": "line"})
        graphique.add_series(
            {
                "name": [feuille_source, rang + 1, 0],
                "categories": [feuille_source, 0, 1, 0, fin],
                "values": [feuille_source, rang + 1, 1, rang + 1, fin],
                "line": {"color": BLEU, "width": 2.25},
                "marker": {"type": "circle", "size": 5, "fill": {"color": BLEU}, "border": {"color": BLEU}},
            }
        )
        graphique.set_title(
            {"name": ligne.libelle, "name_font": {"size": 11, "color": BLEU}, "overlay": False}
        )
        graphique.set_legend({"none": True})
        graphique.set_y_axis(
            {
                "num_format": "0 %" if ligne.unite == "part" else "#,##0",
                "min": 0,
                "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
            }
        )
        graphique.show_blanks_as("gap")
        graphique.show_hidden_data()
        graphique.set_size({"width": 560, "height": 280})
        feuille.insert_chart(
            premiere + 15 * (rang // 2), 3 * (rang % 2), graphique, {"x_offset": 10 * (rang % 2)}
        )


def _write_definitions(classeur: Any, formats: _Formats, rapport: Rapport) -> None:
    feuille = classeur.add_worksheet("Définitions")
    _prepare(feuille, 0)
    colonnes = (
        ("Indicateur", 34), ("Définition", 62), ("Ce qu'il ne voit pas", 48), ("Source", 32), ("Code et version", 26)
    )  # fmt: skip
    for colonne, (nom, largeur) in enumerate(colonnes):
        feuille.set_column(colonne, colonne, largeur)
        feuille.write_string(0, colonne, nom, formats.entete)
    for rangee, i in enumerate(rapport.definitions, start=1):
        textes = (
            i.libelle,
            i.definition.strip(),
            i.biais.strip(),
            i.source.strip(),
            f"{i.code}, version {i.version}",
        )
        for colonne, texte in enumerate(textes):
            feuille.write_string(rangee, colonne, texte, formats.texte)
        hauteur = max(
            -(-len(texte) * 1.1 // largeur) for texte, (_, largeur) in zip(textes, colonnes, strict=True)
        )
        feuille.set_row(rangee, 14 * max(hauteur, 1) + 4)
