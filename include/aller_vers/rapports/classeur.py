"""The national report as a workbook: figures, native charts, definitions. The same content gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from aller_vers.rapports.contenu import Figure, Ligne, Rapport
from aller_vers.rapports.feuilles import (
    BLEU,
    Cellule,
    Formats,
    Nombre,
    Tableau,
    build_definitions,
    find_motif,
    write_couverture,
    write_tableau,
)
from aller_vers.rapports.national import AUCUN, Comparaison, Complement, ScoreNational, name_axe
from aller_vers.socle.tableur import open_classeur

_GRAPHIQUES, _DONNEES = "Graphiques", "Données des graphiques"
_AVANT = (("Indicateur", 50), ("Axe", 30), ("Famille", 24), ("Valeur", 17), ("Mois précédent", 17))
_COMPAREES = (
    ("Écart avec le mois précédent", 18),
    ("Même mois un an avant", 17),
    ("Écart avec l'an dernier", 15),
)
_APRES = (("Nation (publiée)", 17), ("Cible", 10), ("Atteinte", 16), ("À savoir", 30))
_CUMULS = (
    ("Indicateur", 52), ("Période", 21), ("Numérateur", 15), ("Dénominateur", 15), ("Valeur", 17),
    ("Même période un an avant", 17), ("Écart", 12), ("À savoir", 32),
)  # fmt: skip
_SCORES = (
    ("Axe", 42), ("Indicateurs à cible", 13), ("Atteints", 12), ("Presque atteints", 12), ("Non atteints", 12),
    ("Dont non fournis", 12), ("Taux d'atteinte", 12), ("Points obtenus", 12), ("Points possibles", 12),
)  # fmt: skip
_GROUPES = (
    ("Groupe", 34), ("Indicateur", 52), ("Groupe, le mois", 16), ("Reste, le mois", 16), ("Groupe, avant", 18),
    ("Reste, avant", 18), ("Groupe, depuis", 18), ("Reste, depuis", 18),
)  # fmt: skip
_HOMOGENEITE = (
    ("Indicateur", 52), ("Nation", 15), ("Cible", 10), ("Mini", 14), ("1er décile", 14), ("Médiane", 14),
    ("9e décile", 14), ("Maxi", 14), ("Attendues", 12), ("Dont à la cible", 10), ("Part à la cible", 10),
    ("Cible nationale", 17), ("Homogénéité", 15),
)  # fmt: skip


def build_classeur(rapport: Rapport, complement: Complement = AUCUN) -> bytes:
    """Return the workbook of a report; ``complement`` is the national team's."""
    classeur, tampon = open_classeur(rapport.titre, rapport.mois.debut)
    formats, tableaux = Formats(classeur), list(list_tableaux(rapport, complement))
    dessinees = rapport.find_dessinees()
    contenus = [(t.feuille, t.note) for t in tableaux]
    if dessinees:
        contenus.append((_GRAPHIQUES, "Les mêmes mois, dessinés."))
    write_couverture(classeur, formats, rapport.titre, rapport.note, contenus)
    for tableau in tableaux:
        write_tableau(classeur, formats, tableau)
    if dessinees:
        _draw(classeur, rapport, dessinees)
    classeur.close()
    return tampon.getvalue()


def list_tableaux(rapport: Rapport, complement: Complement) -> Iterator[Tableau]:
    """Return the tables of the workbook, one a sheet."""
    comparees = complement.comparaisons
    yield Tableau(
        "Indicateurs", rapport.titre, "Les indicateurs du mois, dans l'ordre de leurs axes et familles.",
        (*_AVANT, *(_COMPAREES if comparees else ()), *_APRES),
        [
            _list_cellules(li, comparees.get(li.code, Comparaison()) if comparees else None)
            for li in rapport.lignes
        ],
    )  # fmt: skip
    if complement.cumuls:
        yield Tableau(
            "Cumuls", "Cumuls", "Les périodes qui finissent avec le mois.", _CUMULS,
            [
                (c.libelle, c.periode, Nombre(c.numerateur), Nombre(c.denominateur), Nombre(c.valeur, c.unite),
                 Nombre(c.avant, c.unite), Nombre(c.ecart, c.unite, is_ecart=True), c.valeur.write_provisoire())
                for c in complement.cumuls
            ],
        )  # fmt: skip
    if complement.scores:
        colonnes = _SCORES if complement.has_points else _SCORES[:-2]
        yield Tableau(
            "Atteinte", "Atteinte des cibles", "Les indicateurs de résultat qui ont une cible, par axe.", colonnes,
            [_list_scores(s)[: len(colonnes)] for s in complement.scores],
        )  # fmt: skip
    if rapport.ecarts:
        yield Tableau(
            "Homogénéité", "Homogénéité entre caisses", "Entre les caisses qui comptent assez de personnes.",
            _HOMOGENEITE,
            [
                (e.ligne.libelle, Nombre(e.nation, e.ligne.unite), Nombre(Figure(e.ligne.cible, ""), e.ligne.unite),
                 *(Nombre(f, e.ligne.unite) for f in e.repartition),
                 Nombre(Figure(Decimal(e.nb_attendues), "")), Nombre(e.nb_atteint), Nombre(e.part_atteint, "part"),
                 e.atteinte_nationale, e.atteinte_homogeneite)
                for e in rapport.ecarts
            ],
        )  # fmt: skip
    if complement.groupes:
        yield Tableau(
            "Groupes", "Groupes de caisses et reste du réseau",
            "Le mois, puis les mois d'avant le premier jour du groupe et ceux d'après, sur les mêmes caisses.",
            _GROUPES,
            [
                (groupe.titre, li.libelle, *(Nombre(f, li.unite) for f in li.cotes))
                for groupe in complement.groupes for li in groupe.lignes
            ],
        )  # fmt: skip
    if suivies := rapport.find_suivies():  # a first month has nothing to follow
        yield Tableau(
            "Évolution", "Évolution", "Les derniers mois, du plus ancien au plus récent.",
            (("Indicateur", 52), *((m.libelle, 16) for m in rapport.mois_suivis)),
            [(li.libelle, *(Nombre(f, li.unite) for f in rapport.suivi[li.code])) for li in suivies],
        )  # fmt: skip
    yield build_definitions(rapport.definitions)


def _list_cellules(ligne: Ligne, comparaison: Comparaison | None) -> tuple[Cellule, ...]:
    unite = ligne.unite
    comparees = () if comparaison is None else (
        Nombre(comparaison.ecart_mois, unite, is_ecart=True), Nombre(comparaison.un_an_avant, unite),
        Nombre(comparaison.ecart_an, unite, is_ecart=True),
    )  # fmt: skip
    cible: Cellule = "" if ligne.cible is None else Nombre(Figure(ligne.cible, ""), unite)
    return (
        ligne.libelle, ligne.famille.axe, ligne.famille.titre, Nombre(ligne.ici, unite), Nombre(ligne.precedent, unite),
        *comparees, Nombre(ligne.nation, unite), cible,
        ligne.atteinte, ligne.ici.write_provisoire(),
    )  # fmt: skip


def _list_scores(s: ScoreNational) -> tuple[Cellule, ...]:
    comptes = (s.nb_indicateurs, s.nb_atteints, s.nb_quasi_atteints, s.nb_non_atteints, s.nb_non_fournis)
    return (
        name_axe(s.axe), *(Nombre(Figure(Decimal(n), "")) for n in comptes), Nombre(Figure(s.taux, ""), "part"),
        Nombre(Figure(s.points_obtenus, "")), Nombre(Figure(s.points_possibles, "")),
    )  # fmt: skip


def _draw(classeur: Any, rapport: Rapport, dessinees: list[Ligne]) -> None:
    """Draw two charts a row, from a hidden sheet: a chart takes a word such as « non fourni » for a zero."""
    feuille, donnees = (classeur.add_worksheet(nom) for nom in (_GRAPHIQUES, _DONNEES))
    feuille.hide_gridlines(2)
    feuille.set_paper(9)
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
            "num_format": find_motif(ligne.unite, 0),
            "min": 0,
            "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
        }
    )
    graphique.show_blanks_as("gap")
    graphique.show_hidden_data()
    graphique.set_size({"width": 560, "height": 280})
    return graphique
