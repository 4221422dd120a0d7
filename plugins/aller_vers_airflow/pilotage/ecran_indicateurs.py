"""« Indicateurs »: the list, one indicator, its chart, and the same as files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from aller_vers.indicateurs import Indicateur
from aller_vers.pilotage.etats import load_tuiles
from aller_vers.pilotage.indicateurs import NIVEAUX, load_groupes_compares, load_indicateur, load_liste
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.tableur import build_csv, open_classeur
from aller_vers_airflow.pilotage.acces import LecteurDep
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.carnet import CarnetDep
from aller_vers_airflow.pilotage.choix import ChoixMois, MoisDep
from aller_vers_airflow.pilotage.rendu import attach, render

routes = APIRouter()
Version = Annotated[int | None, Query(ge=1, le=999)]
_COLONNES = (
    "code",
    "version",
    "libelle",
    "unite",
    "mois",
    "niveau",
    "territoire",
    "valeur",
    "cible",
    "statut",
    "definitif_le",
    "publication",
    "valeur_publiee",
)
_SVG = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"}


@routes.get("/indicateurs")
def show_liste(
    request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep, carnet: CarnetDep
) -> Response:
    """Show the national values of the month."""
    carnet.note("indicateurs", mois=choix.require)
    return render(
        request, "indicateurs.html", lecteur, choix=choix, onglet="indicateurs",
        familles=load_liste(pilotage, choix.require),
    )  # fmt: skip


@routes.get("/indicateurs/{code}")
def show_indicateur(
    request: Request,
    code: str,
    lecteur: LecteurDep,
    pilotage: PilotageDep,
    choix: MoisDep,
    carnet: CarnetDep,
    version: Version = None,
) -> Response:
    """Show one indicator: its definition, trend, homogeneity and ranking."""
    vue = load_indicateur(pilotage, code, version, choix.require)
    carnet.note("indicateurs", code, choix.require)
    return render(
        request,
        "indicateur.html",
        lecteur,
        choix=choix,
        onglet="indicateurs",
        vue=vue,
        niveaux=NIVEAUX,
        groupes=load_groupes_compares(pilotage, vue.definition, vue.mois),
        tuiles=load_tuiles(),
        noms={c.code_caf: c.libelle for c in load_caf().values()},
    )


@routes.get("/indicateurs/{code}/evolution.svg")
def draw_evolution(
    code: str, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep, version: Version = None,
    etroit: bool = False,
) -> Response:  # fmt: skip
    """Draw the trend of one indicator; a narrow one for a phone."""
    from aller_vers_airflow.pilotage.graphiques import draw_serie

    vue = load_indicateur(pilotage, code, version, choix.require)
    dessin = draw_serie(vue.serie, vue.definition.unite, etroit=etroit)
    return Response(dessin, media_type="image/svg+xml", headers=_SVG)


@routes.get("/indicateurs.csv")
def export_csv(
    lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep, carnet: CarnetDep, code: str | None = None
) -> Response:
    """Give the month's national values, or one indicator's territories, as a CSV that Excel opens."""
    octets = build_csv(_COLONNES, _list_lignes(pilotage, choix, code))
    carnet.note("indicateurs", code, choix.require, fichier="csv")
    return attach(octets, "text/csv; charset=utf-8", _name(choix, code, "csv"))


@routes.get("/indicateurs.xlsx")
def export_xlsx(
    lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep, carnet: CarnetDep, code: str | None = None
) -> Response:
    """Give the same as a workbook."""
    mois = choix.require
    classeur, octets = open_classeur(f"Indicateurs, {mois.libelle}", mois.debut)
    feuille = classeur.add_worksheet("Indicateurs")
    gras = classeur.add_format({"bold": True, "bottom": 1})
    part, nombre = (classeur.add_format({"num_format": motif}) for motif in ("0.0%", "#,##0.##########"))
    for colonne, (nom, largeur) in enumerate(
        zip(_COLONNES, (30, 8, 60, 12, 9, 10, 34, 12, 12, 12, 12, 12, 14), strict=True)
    ):
        feuille.set_column(colonne, colonne, largeur)
        feuille.write_string(0, colonne, nom, gras)
    feuille.freeze_panes(1, 0)
    rang = 0
    for rang, ligne in enumerate(_list_lignes(pilotage, choix, code), 1):
        for colonne, (nom, valeur) in enumerate(zip(_COLONNES, ligne, strict=True)):
            if valeur is not None and nom in _NOMBRES:
                genre = None if nom == "version" else part if ligne[_UNITE] == "part" else nombre
                feuille.write_number(rang, colonne, float(valeur), genre)
            elif valeur is not None:
                feuille.write_string(rang, colonne, str(valeur))
    feuille.autofilter(0, 0, rang, len(_COLONNES) - 1)
    classeur.close()
    carnet.note("indicateurs", code, mois, fichier="xlsx")
    return attach(
        octets.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _name(choix, code, "xlsx"),
    )  # fmt: skip


_UNITE = _COLONNES.index("unite")
_NOMBRES = {"version", "valeur", "cible", "valeur_publiee"}


def _list_lignes(pilotage: PilotageDep, choix: ChoixMois, code: str | None) -> Iterator[tuple[Any, ...]]:
    mois = choix.require
    if code is None:
        for _, lignes in load_liste(pilotage, mois):
            for i in lignes:
                d = i.definition
                yield (
                    d.code,
                    d.version,
                    d.libelle,
                    d.unite,
                    str(mois),
                    "national",
                    "France",
                    i.valeur,
                    i.cible,
                    i.statut,
                    i.definitif_le,
                    i.publication,
                    i.valeur_publiee,
                )
        return
    vue = load_indicateur(pilotage, code, None, mois)
    quoi = _describe(vue.definition, mois)
    cible = vue.actuel.cible if vue.actuel else None
    if n := vue.nation:
        yield (
            *quoi,
            "national",
            "France",
            n.valeur,
            cible,
            n.statut,
            n.definitif_le,
            n.publication,
            n.valeur_publiee,
        )
    for territoires in vue.classement.values():
        for t in territoires:
            yield (
                *quoi,
                t.niveau,
                t.libelle,
                t.valeur,
                cible,
                t.statut,
                t.definitif_le,
                t.publication,
                t.valeur_publiee,
            )


def _describe(d: Indicateur, mois: Mois) -> tuple[Any, ...]:
    return (d.code, d.version, d.libelle, d.unite, str(mois))


def _name(choix: ChoixMois, code: str | None, extension: str) -> str:
    return f"{code or 'indicateurs'}_{choix.require}.{extension}"
