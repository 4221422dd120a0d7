"""Every table of the page: searched, filtered, sorted, paged and given as CSV, all in the address, without script.

A template writes its table whole, in its ``<div class="defile">``, which gives the table its name: what the reader
asks of « attendues » is ``attendues.q`` (words), ``attendues.2`` (the only value kept in column 2),
``attendues.tri`` (``2``, or ``-2`` from the last to the first) and ``attendues.page`` (``3``, or ``tout``). A new table
has all of it without asking.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from jinja2 import Template
from markupsafe import escape

_TABLEAU = re.compile(
    r'<div class="defile[^"]*"(?P<attributs>[^>]*)>\s*<table.*?</table>\s*</div>', re.DOTALL
)
_NOM = re.compile(r'aria-label(?:ledby)?="([^"]*)"')
_CORPS = re.compile(r"(?P<avant>.*<tbody[^>]*>)(?P<corps>.*)(?P<apres></tbody>.*)", re.DOTALL)
_LIGNE = re.compile(r"<tr[^>]*>.*?</tr>", re.DOTALL)
_CELLULE = re.compile(r"<(th|td)\b[^>]*>(.*?)</\1>", re.DOTALL)
_TITRE = re.compile(r"<th\b([^>]*)>(.*?)</th>", re.DOTALL)
_LEGENDE = re.compile(r"<caption[^>]*>(.*?)</caption>", re.DOTALL)
_CACHE = re.compile(r'<span class="hors-vue">.*?</span>|<span aria-hidden="true">.*?</span>', re.DOTALL)
_BALISE = re.compile(r"<[^>]*>")
_JOUR = re.compile(r"(\d\d)/(\d\d)/(\d{4})(?: à (\d\d):(\d\d))?")
_NOMBRE = re.compile(r"[+−-]?[\d\s]+(?:,\d+)?")
_ABSENT = re.compile(r"—?|non fourni|pas encore.*|sans objet|trop peu.*|interne", re.IGNORECASE)
# Below that many rows a table is read at a glance; above that many values a column is searched, not chosen from.
_COURT, _CHOIX = 8, 8
# A row for each Caf is read whole; a longer table is read by pages, and searched, sorted and given as CSV whole.
_ENTIERE, _PAGE = 110, 50


@dataclass(frozen=True)
class Morceau:
    """The rows shown: from ``debut``, before ``fin``; the page before and after, where there is one."""

    debut: int
    fin: int
    avant: int | None = None
    apres: int | None = None

    @classmethod
    def cut(cls, nombre: int, page: str) -> Morceau:
        """Return the page asked for of so many rows: all of them, the first where none is asked, else the nearest."""
        if nombre <= _ENTIERE or page == "tout":
            return cls(0, nombre)
        derniere = -(-nombre // _PAGE)
        numero = min(max(int(page), 1), derniere) if re.fullmatch(r"[0-9]{1,6}", page) else 1
        return cls(
            (numero - 1) * _PAGE, min(numero * _PAGE, nombre),
            numero - 1 if numero > 1 else None, numero + 1 if numero < derniere else None,
        )  # fmt: skip


@dataclass(frozen=True)
class Rangee:
    """A row: as it is written, and the text of its cells."""

    texte: str
    cellules: tuple[str, ...]


class Demande:
    """What the address asks of the tables of a page; ``vus``: those that were drawn, as CSV takes them.

    ``gabarit``: how one asks; ``csv``: the table asked for as a file; ``caf``: the only one shown, empty for all.
    """

    def __init__(self, gabarit: Template, parametres: Iterable[tuple[str, str]], caf: str = "") -> None:
        self.gabarit = gabarit
        self.parametres = dict(parametres)
        self.csv = self.parametres.pop("csv", "")
        self.caf = caf
        self.vus: dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]] = {}

    def address(self, **changes: str) -> str:
        """Return the same address but for these; an empty value takes its parameter away."""
        tout = {**self.parametres, **changes}
        return "?" + urlencode({cle: valeur for cle, valeur in tout.items() if valeur})


def equip(page: str, demande: Demande) -> str:
    """Return the page, each of its tables with what was asked of it, and the means to ask."""

    def draw(trouve: re.Match[str]) -> str:
        lu = _NOM.search(trouve["attributs"])
        nom = re.sub(r"\W+", "-", fold(html.unescape(lu[1] if lu else "tableau"))).strip("-")
        while nom in demande.vus:
            nom += "-2"
        return draw_tableau(trouve[0], nom, demande)

    return _TABLEAU.sub(draw, page)


def draw_tableau(table: str, nom: str, demande: Demande) -> str:
    """Return the table with what the reader asked of it, and the means to ask."""
    coupe = _CORPS.fullmatch(table)
    if coupe is None:
        return table
    titres = tuple(read_texte(t) for _, t in _TITRE.findall(coupe["avant"].partition("<thead>")[2]))
    toutes = [
        Rangee(ligne, tuple(read_texte(c) for _, c in _CELLULE.findall(ligne)))
        for ligne in _LIGNE.findall(coupe["corps"])
    ]
    gardees = choose(toutes, titres, demande, nom)
    demande.vus[nom] = (titres, [r.cellules for r in gardees])
    if not toutes:
        return table
    morceau = Morceau.cut(len(gardees), demande.parametres.get(f"{nom}.page", ""))
    corps = "".join(r.texte for r in gardees[morceau.debut : morceau.fin]) or (
        f'<tr><td colspan="{len(titres)}">Rien de tel. '
        f'<a href="{escape(_clear(demande, nom))}#{nom}-outils">Tout montrer</a></td></tr>'
    )
    outils = _draw_outils(table, toutes, len(gardees), morceau, titres, demande, nom)
    return outils + _link_titres(coupe["avant"], demande, nom) + corps + coupe["apres"]


def choose(rangees: list[Rangee], titres: tuple[str, ...], demande: Demande, nom: str) -> list[Rangee]:
    """Return the rows that are asked for, in the order that is asked for."""
    mots = fold(demande.parametres.get(f"{nom}.q", "")).split()
    filtres = {
        rang: valeur for rang in range(len(titres)) if (valeur := demande.parametres.get(f"{nom}.{rang}", ""))
    }
    if demande.caf and "Caf" in titres and not mots:
        mots = [demande.caf]
    gardees = [
        r
        for r in rangees
        if all(any(mot in fold(c) for c in r.cellules) for mot in mots)
        and all(rang < len(r.cellules) and r.cellules[rang] == valeur for rang, valeur in filtres.items())
    ]
    tri = demande.parametres.get(f"{nom}.tri", "")
    if not re.fullmatch(r"-?\d{1,2}", tri):
        return gardees
    rang = abs(int(tri))
    presentes = [r for r in gardees if rang < len(r.cellules) and not _ABSENT.fullmatch(r.cellules[rang])]
    absentes = [r for r in gardees if r not in presentes]
    return [
        *sorted(presentes, key=lambda r: make_cle(r.cellules[rang]), reverse=tri.startswith("-")),
        *absentes,
    ]


def make_cle(texte: str) -> tuple[int, float, str]:
    """Return what a cell is sorted by: a day, else a number, else its words."""
    if jour := _JOUR.search(texte):
        j, m, a, *heure = jour.groups(default="0")
        return 0, float(f"{a}{m}{j}{int(heure[0]):02}{int(heure[1]):02}"), ""
    if nombre := _NOMBRE.match(texte):
        lu = re.sub(r"\s", "", nombre[0]).replace("−", "-").replace(",", ".")
        try:
            return 1, float(lu), fold(texte)
        except ValueError:
            pass
    return 2, 0, fold(texte)


def read_texte(cellule: str) -> str:
    """Return the text of a cell, as it is read, without its signs."""
    texte = _BALISE.sub(" ", _CACHE.sub(" ", cellule)) if "<" in cellule else cellule
    return " ".join(html.unescape(texte).split())


def fold(texte: str) -> str:
    """Return a text without case nor accents."""
    net = unicodedata.normalize("NFD", texte.casefold())
    return "".join(c for c in net if not unicodedata.combining(c))


def _link_titres(avant: str, demande: Demande, nom: str) -> str:
    tri = demande.parametres.get(f"{nom}.tri", "")
    debut, _, tete = avant.partition("<thead>")
    rang = -1

    def link(titre: re.Match[str]) -> str:
        nonlocal rang
        rang += 1
        sens = {str(rang): "ascending", f"-{rang}": "descending"}.get(tri, "")
        suivant = f"-{rang}" if sens == "ascending" else str(rang)
        adresse = escape(demande.address(**{f"{nom}.tri": suivant, f"{nom}.page": ""}))
        signe = {"ascending": " ▲", "descending": " ▼"}.get(sens, "")
        aria = f' aria-sort="{sens}"' if sens else ""
        return (
            f'<th{titre[1]}{aria}><a class="tri" href="{adresse}#{nom}-outils">{titre[2]}'
            f'<span aria-hidden="true">{signe}</span></a></th>'
        )

    return f"{debut}<thead>{_TITRE.sub(link, tete)}"


def _draw_outils(
    table: str,
    toutes: list[Rangee],
    gardees: int,
    morceau: Morceau,
    titres: tuple[str, ...],
    demande: Demande,
    nom: str,
) -> str:
    siens = {f"{nom}.q", f"{nom}.page", *(f"{nom}.{rang}" for rang in range(len(titres)))}
    colonnes = []
    for rang, titre in enumerate(titres):
        valeurs = {r.cellules[rang] for r in toutes if rang < len(r.cellules)} - {""}
        if titre and 2 <= len(valeurs) <= _CHOIX:
            choisie = demande.parametres.get(f"{nom}.{rang}", "")
            triees = sorted(valeurs, key=make_cle)
            colonnes.append({"titre": titre, "rang": rang, "valeurs": triees, "choisie": choisie})
    return demande.gabarit.render(
        nom=nom, titre=read_texte((_LEGENDE.search(table) or [nom, nom])[1]), colonnes=colonnes,
        longue=len(toutes) > _COURT, toutes=len(toutes), gardees=gardees, morceau=morceau, pages=[
            (libelle, demande.address(**{f"{nom}.page": str(page)}))
            for libelle, page in (
                ("Précédentes", morceau.avant), ("Suivantes", morceau.apres), ("Toutes les lignes", "tout"),
            )
            if page and morceau.fin - morceau.debut < gardees
        ],
        mots=demande.parametres.get(f"{nom}.q", ""), csv=demande.address(csv=nom), tout=_clear(demande, nom),
        autres=[(cle, valeur) for cle, valeur in demande.parametres.items() if cle not in siens],
    )  # fmt: skip


def _clear(demande: Demande, nom: str) -> str:
    vides = {cle: "" for cle in demande.parametres if cle.startswith(f"{nom}.")}
    return demande.address(**vides, caf="") if demande.caf else demande.address(**vides)
