"""A report as a workbook: figures, native charts, definitions. The same content gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from aller_vers.rapports.contenu import SUFFIXES, Figure, Ligne, Rapport
from aller_vers.rapports.national import AUCUN, Comparaison, Complement, name_axe
from aller_vers.socle.francais import MOINS
from aller_vers.socle.tableur import open_classeur

BLEU, PALE, GRIS = "#1F4E79", "#E8EEF5", "#5A5A5A"
_DONNEES = "Données des graphiques"
# The cell stays a number, and says that it can still move.
_PROVISOIRE = '" (p)"'
_COLONNES = (
    ("Indicateur", 52), ("Valeur", 13), ("Mois précédent", 15), ("Nation (publiée)", 17),
    ("Cible", 11), ("Atteinte", 17), ("À savoir", 32),
)  # fmt: skip
_COMPAREES = (("Écart", 12), ("Même mois un an avant", 15), ("Écart", 12))
_CUMULS = (
    ("Indicateur", 52), ("Période", 21), ("Numérateur", 15), ("Dénominateur", 15), ("Valeur", 13),
    ("Même période un an avant", 17), ("Écart", 12), ("À savoir", 32),
)  # fmt: skip
_SCORES = (
    ("Axe", 42), ("Indicateurs à cible", 13), ("Atteints", 12), ("Presque atteints", 12), ("Non atteints", 12),
    ("Dont non fournis", 12), ("Taux d'atteinte", 12), ("Points obtenus", 12), ("Points possibles", 12),
)  # fmt: skip
_HOMOGENEITE = (
    ("Indicateur", 52), ("Nation", 11), ("Cible", 10), ("Mini", 10), ("1er décile", 10), ("Médiane", 10),
    ("9e décile", 10), ("Maxi", 10), ("Attendues", 10), ("Dont à la cible", 10), ("Part à la cible", 10),
    ("Cible nationale", 17), ("Homogénéité", 15),
)  # fmt: skip


def build_classeur(rapport: Rapport, complement: Complement = AUCUN) -> bytes:
    """Return the workbook of a report; ``complement`` is the national team's."""
    classeur, tampon = open_classeur(rapport.titre, rapport.mois.debut)
    formats = _Formats(classeur)
    _write_indicateurs(classeur, formats, rapport, complement)
    if complement.cumuls:
        _write_cumuls(classeur, formats, complement)
    if complement.scores:
        _write_scores(classeur, formats, complement)
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
        self.definition = classeur.add_format(trait | {"text_wrap": True, "valign": "top", "indent": 1})
        self.centre = classeur.add_format(trait | {"align": "center"})
        self.statut = classeur.add_format(trait | {"align": "right", "italic": True, "font_color": GRIS})
        motifs = {_find_motif(u, n) for u in (*SUFFIXES, "") for n in range(3)}
        self.nombres = {
            motif: classeur.add_format(trait | {"num_format": motif, "align": "right"})
            for motif in sorted(motifs | {_sign(m) for m in motifs} | {m + _PROVISOIRE for m in motifs})
        }

    def write(self, feuille: Any, rangee: int, colonne: int, figure: Figure, unite: str) -> None:
        """Write a figure as a number that a spreadsheet can use, or the word that says why there is none."""
        if figure.valeur is None:
            feuille.write_string(rangee, colonne, figure.write_statut() if figure.statut else "", self.statut)
            return
        motif = _find_motif(unite, figure.count_decimales(unite)) + (
            _PROVISOIRE if figure.is_provisoire else ""
        )
        feuille.write_number(rangee, colonne, float(figure.valeur), self.nombres[motif])

    def write_ecart(self, feuille: Any, rangee: int, colonne: int, figure: Figure, unite: str) -> None:
        """Write a difference with its sign, that of two percentages in points."""
        ecart, sienne = figure.express_ecart(unite)
        if ecart.valeur is None:
            self.write(feuille, rangee, colonne, ecart, sienne)
            return
        motif = _sign(_find_motif(sienne, ecart.count_decimales(sienne)))
        feuille.write_number(rangee, colonne, float(ecart.valeur), self.nombres[motif])


def _sign(motif: str) -> str:
    """Return the format of a difference: its sign is written, a plus too."""
    langue, nombre = motif[:7], motif[7:]
    return f'{langue}+{nombre};{langue}"{MOINS}"{nombre};{motif}'


def _find_motif(unite: str, decimales: int) -> str:
    """Return the format of a number, French wherever it is opened: ``1 234,5``, ``12,3 %``, ``26 j``."""
    suffixe = SUFFIXES.get(unite, "")
    return (
        "[$-40C]#,##0" + ("." + "0" * decimales if decimales else "")
        + (f" {suffixe}" if suffixe == "%" else f' "{suffixe}"' if suffixe else "")
    )  # fmt: skip


def _prepare(feuille: Any, entete: int | None) -> None:
    feuille.hide_gridlines(2)
    feuille.set_landscape()
    feuille.set_paper(9)
    feuille.fit_to_pages(1, 0)
    if entete is not None:
        feuille.repeat_rows(entete)
        feuille.freeze_panes(entete + 1, 1)
    feuille.set_footer("&L&8Aller vers les proches aidants&R&8Page &P / &N")


def _write_indicateurs(classeur: Any, formats: _Formats, rapport: Rapport, complement: Complement) -> None:
    comparees = complement.comparaisons
    colonnes = (*_COLONNES[:3], *(_COMPAREES if comparees else ()), *_COLONNES[3:])
    feuille = classeur.add_worksheet("Indicateurs")
    _prepare(feuille, 3)
    feuille.merge_range(0, 0, 0, len(colonnes) - 1, rapport.titre, formats.titre)
    feuille.set_row(0, 24)
    feuille.merge_range(1, 0, 1, len(colonnes) - 1, rapport.note, formats.note)
    feuille.set_row(1, 32)
    feuille.set_row(3, 32 if comparees else 22)
    _write_entete(feuille, formats, 3, colonnes)
    rangee, axe = 3, ""
    for famille, lignes in rapport.group_familles():
        if famille.axe != axe:
            rangee, axe = rangee + 1, famille.axe
            _write_titre(feuille, rangee, axe, formats.axe, len(colonnes))
            feuille.set_row(rangee, 22)
        rangee += 1
        _write_titre(feuille, rangee, famille.titre, formats.famille, len(colonnes))
        for ligne in lignes:
            rangee += 1
            comparaison = comparees.get(ligne.code, Comparaison()) if comparees else None
            _write_ligne(feuille, formats, rangee, ligne, comparaison)


def _write_entete(feuille: Any, formats: _Formats, rangee: int, colonnes: Sequence[tuple[str, int]]) -> None:
    for colonne, (nom, largeur) in enumerate(colonnes):
        feuille.set_column(colonne, colonne, largeur)
        feuille.write_string(rangee, colonne, nom, formats.entete)


def _write_titre(feuille: Any, rangee: int, titre: str, genre: Any, largeur: int) -> None:
    """Write a title over the whole width, without merging: the first column is frozen."""
    feuille.write_string(rangee, 0, titre, genre)
    for colonne in range(1, largeur):
        feuille.write_blank(rangee, colonne, None, genre)


def _write_ligne(
    feuille: Any, formats: _Formats, rangee: int, ligne: Ligne, comparaison: Comparaison | None
) -> None:  # fmt: skip
    feuille.set_row(rangee, _find_hauteur(ligne.libelle))
    feuille.write_string(rangee, 0, ligne.libelle, formats.texte)
    formats.write(feuille, rangee, 1, ligne.ici, ligne.unite)
    formats.write(feuille, rangee, 2, ligne.precedent, ligne.unite)
    colonne = 3
    if comparaison is not None:
        formats.write_ecart(feuille, rangee, 3, comparaison.ecart_mois, ligne.unite)
        formats.write(feuille, rangee, 4, comparaison.un_an_avant, ligne.unite)
        formats.write_ecart(feuille, rangee, 5, comparaison.ecart_an, ligne.unite)
        colonne = 6
    formats.write(feuille, rangee, colonne, ligne.nation, ligne.unite)
    formats.write(feuille, rangee, colonne + 1, Figure(ligne.cible, ""), ligne.unite)
    feuille.write_string(rangee, colonne + 2, ligne.atteinte, formats.centre)
    feuille.write_string(rangee, colonne + 3, ligne.ici.write_provisoire(), formats.texte)


def _write_cumuls(classeur: Any, formats: _Formats, complement: Complement) -> None:
    feuille = classeur.add_worksheet("Cumuls")
    _prepare(feuille, 0)
    feuille.set_row(0, 32)
    _write_entete(feuille, formats, 0, _CUMULS)
    for rangee, c in enumerate(complement.cumuls, start=1):
        feuille.set_row(rangee, _find_hauteur(c.libelle))
        feuille.write_string(rangee, 0, c.libelle, formats.texte)
        feuille.write_string(rangee, 1, c.periode, formats.centre)
        formats.write(feuille, rangee, 2, c.numerateur, "")
        formats.write(feuille, rangee, 3, c.denominateur, "")
        formats.write(feuille, rangee, 4, c.valeur, c.unite)
        formats.write(feuille, rangee, 5, c.avant, c.unite)
        formats.write_ecart(feuille, rangee, 6, c.ecart, c.unite)
        feuille.write_string(rangee, 7, c.valeur.write_provisoire(), formats.texte)


def _write_scores(classeur: Any, formats: _Formats, complement: Complement) -> None:
    feuille = classeur.add_worksheet("Atteinte")
    _prepare(feuille, 0)
    feuille.set_row(0, 32)
    _write_entete(feuille, formats, 0, _SCORES if complement.has_points else _SCORES[:-2])
    for rangee, s in enumerate(complement.scores, start=1):
        feuille.set_row(rangee, 20)
        feuille.write_string(rangee, 0, name_axe(s.axe), formats.texte)
        comptes = (s.nb_indicateurs, s.nb_atteints, s.nb_quasi_atteints, s.nb_non_atteints, s.nb_non_fournis)
        for colonne, compte in enumerate(comptes, start=1):
            formats.write(feuille, rangee, colonne, Figure(Decimal(compte), ""), "")
        formats.write(feuille, rangee, 6, Figure(s.taux, ""), "part")
        if complement.has_points:
            formats.write(feuille, rangee, 7, Figure(s.points_obtenus, ""), "")
            formats.write(feuille, rangee, 8, Figure(s.points_possibles, ""), "")


def _find_hauteur(libelle: str) -> int:
    """Return the height of a line, of one or two lines of text in the first column."""
    return 20 if len(libelle) <= 70 else 30


def _write_homogeneite(classeur: Any, formats: _Formats, rapport: Rapport) -> None:
    feuille = classeur.add_worksheet("Homogénéité")
    _prepare(feuille, 0)
    feuille.set_row(0, 32)
    _write_entete(feuille, formats, 0, _HOMOGENEITE)
    for rangee, e in enumerate(rapport.ecarts, start=1):
        unite = e.ligne.unite
        feuille.set_row(rangee, _find_hauteur(e.ligne.libelle))
        feuille.write_string(rangee, 0, e.ligne.libelle, formats.texte)
        for colonne, figure in enumerate((e.nation, Figure(e.ligne.cible, ""), *e.repartition), start=1):
            formats.write(feuille, rangee, colonne, figure, unite)
        feuille.write_number(rangee, 8, e.nb_attendues, formats.nombres[_find_motif("", 0)])
        formats.write(feuille, rangee, 9, e.nb_atteint, "")
        formats.write(feuille, rangee, 10, e.part_atteint, "part")
        feuille.write_string(rangee, 11, e.atteinte_nationale, formats.centre)
        feuille.write_string(rangee, 12, e.atteinte_homogeneite, formats.centre)


def _write_suivi(classeur: Any, formats: _Formats, rapport: Rapport) -> None:
    suivies = rapport.find_suivies()
    if not suivies:  # a first month has nothing to follow
        return
    if dessinees := rapport.find_dessinees():
        _draw(classeur, rapport, dessinees)
    feuille = classeur.add_worksheet("Évolution")
    _prepare(feuille, 0)
    feuille.set_row(0, 32)
    feuille.set_column(0, 0, 52)
    feuille.set_column(1, len(rapport.mois_suivis), 11)
    feuille.write_string(0, 0, "Indicateur", formats.entete)
    for colonne, mois in enumerate(rapport.mois_suivis, start=1):
        feuille.write_string(0, colonne, mois.libelle, formats.entete)
    for rangee, ligne in enumerate(suivies, start=1):
        feuille.set_row(rangee, _find_hauteur(ligne.libelle))
        feuille.write_string(rangee, 0, ligne.libelle, formats.texte)
        for colonne, figure in enumerate(rapport.suivi[ligne.code], start=1):
            formats.write(feuille, rangee, colonne, figure, ligne.unite)


def _draw(classeur: Any, rapport: Rapport, dessinees: list[Ligne]) -> None:
    """Draw two charts a row, from a hidden sheet: a chart takes a word such as « non fourni » for a zero."""
    feuille, donnees = (classeur.add_worksheet(nom) for nom in ("Graphiques", _DONNEES))
    _prepare(feuille, None)
    feuille.set_portrait()
    feuille.fit_to_pages(1, 1)
    donnees.hide()
    for colonne, mois in enumerate(rapport.mois_suivis, start=1):
        donnees.write_string(0, colonne, f"{mois.numero:02d}/{mois.annee % 100:02d}")
    for rangee, ligne in enumerate(dessinees, start=1):
        donnees.write_string(rangee, 0, ligne.libelle)
        for colonne, figure in enumerate(rapport.suivi[ligne.code], start=1):
            if figure.valeur is not None and not figure.is_provisoire:
                donnees.write_number(rangee, colonne, float(figure.valeur))
        graphique = _build_graphique(classeur, ligne, rangee, len(rapport.mois_suivis))
        feuille.insert_chart(15 * ((rangee - 1) // 2), 9 * ((rangee - 1) % 2), graphique)


def _build_graphique(classeur: Any, ligne: Ligne, rangee: int, fin: int) -> Any:
    graphique = classeur.add_chart({"type": "line"})
    graphique.add_series(
        {
            "name": [_DONNEES, rangee, 0],
            "categories": [_DONNEES, 0, 1, 0, fin],
            "values": [_DONNEES, rangee, 1, rangee, fin],
            "line": {"color": BLEU, "width": 2.25},
            "marker": {"type": "circle", "size": 5, "fill": {"color": BLEU}, "border": {"color": BLEU}},
        }
    )
    graphique.set_title({"name": ligne.libelle, "name_font": {"size": 11, "color": BLEU}, "overlay": False})
    graphique.set_legend({"none": True})
    graphique.set_y_axis(
        {
            "num_format": _find_motif(ligne.unite, 0),
            "min": 0,
            "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
        }
    )
    graphique.show_blanks_as("gap")
    graphique.show_hidden_data()
    graphique.set_size({"width": 560, "height": 280})
    return graphique


def _write_definitions(classeur: Any, formats: _Formats, rapport: Rapport) -> None:
    feuille = classeur.add_worksheet("Définitions")
    _prepare(feuille, 0)
    colonnes = (
        ("Indicateur", 34), ("Définition", 62), ("Ce qu'il ne voit pas", 48), ("Source", 32), ("Code et version", 26)
    )  # fmt: skip
    _write_entete(feuille, formats, 0, colonnes)
    for rangee, i in enumerate(rapport.definitions, start=1):
        textes = (
            i.libelle,
            i.definition.strip(),
            i.biais.strip(),
            i.source.strip(),
            f"{i.code}, version {i.version}",
        )
        for colonne, texte in enumerate(textes):
            feuille.write_string(rangee, colonne, texte, formats.definition)
        hauteur = max(
            -(-len(texte) * 1.1 // (largeur - 2))
            for texte, (_, largeur) in zip(textes, colonnes, strict=True)
        )
        feuille.set_row(rangee, 14 * max(hauteur, 1) + 4)
