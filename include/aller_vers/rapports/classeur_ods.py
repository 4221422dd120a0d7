"""The workbook of a report as OpenDocument, for the readers whose offices have LibreOffice.

The same tables, notes and cover as the xlsx: one named table a sheet, its header frozen and repeated, no merged cell.
The charts are on the page alone. The same content gives the same bytes.

Source: OpenDocument 1.3, parts 2 (packages) and 3 (schema).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from aller_vers.rapports.contenu import SUFFIXES
from aller_vers.rapports.feuilles import (
    BLEU,
    COUVERTURE,
    GRIS,
    PROVISOIRE,
    SIGNES,
    Cellule,
    Nombre,
    Tableau,
    find_hauteur,
)
from aller_vers.socle.francais import MOINS

_GENRE: Final = "application/vnd.oasis.opendocument.spreadsheet"
_OASIS: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_ENTETE: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ESPACES: Final = " ".join(
    [
        *(
            f'xmlns:{p}="{_OASIS}{nom}:1.0"'
            for p, nom in (
                ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("meta", "meta"),
                ("number", "datastyle"), ("config", "config"), ("fo", "xsl-fo-compatible"),
                ("svg", "svg-compatible"),
            )
        ),
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"',
        'xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" office:version="1.3"',
    ]
)  # fmt: skip
_MANIFESTE: Final = (
    f'<manifest:manifest xmlns:manifest="{_OASIS}manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{_GENRE}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{nom}.xml" manifest:media-type="text/xml"/>'
        for nom in ("content", "styles", "settings", "meta")
    )
    + "</manifest:manifest>"
)
_POLICE: Final = (
    '<office:font-face-decls><style:font-face style:name="Arial" svg:font-family="Arial" '
    'style:font-family-generic="swiss"/></office:font-face-decls>'
)
_STYLES: Final = (
    f"<office:document-styles {_ESPACES}>{_POLICE}<office:styles>"
    '<style:default-style style:family="table-cell"><style:text-properties style:font-name="Arial"'
    ' fo:font-size="10pt" fo:language="fr" fo:country="FR"/></style:default-style></office:styles>'
    '<office:automatic-styles><style:page-layout style:name="P"><style:page-layout-properties fo:page-width="29.7cm"'
    ' fo:page-height="21cm" style:print-orientation="landscape" fo:margin="1.5cm" style:scale-to-X="1"'
    ' style:scale-to-Y="0"/></style:page-layout></office:automatic-styles><office:master-styles>'
    '<style:master-page style:name="Page" style:page-layout-name="P"><style:header style:display="false"/>'
    "<style:footer><text:p>Aller vers les proches aidants, page <text:page-number>1</text:page-number> / "
    "<text:page-count>1</text:page-count></text:p></style:footer></style:master-page></office:master-styles>"
    "</office:document-styles>"
)
_TRAIT: Final = 'fo:border-bottom="0.5pt solid #C8D2DE" style:vertical-align="top" '
_RENVOI: Final = 'fo:wrap-option="wrap" '
# Properties of the cell, of its paragraph, of its text.
_CELLULES: Final = {
    "titre": ("", "", f'fo:font-weight="bold" fo:font-size="15pt" fo:color="{BLEU}"'),
    "note": ('style:vertical-align="top"', "", f'fo:color="{GRIS}"'),
    "entete": (
        f'fo:background-color="{BLEU}" style:vertical-align="top" {_RENVOI}', "",
        'fo:font-weight="bold" fo:color="#FFFFFF"',
    ),
    "texte": (_TRAIT + _RENVOI, "", ""),
    "statut": (_TRAIT + _RENVOI, 'fo:text-align="end"', f'fo:font-style="italic" fo:color="{GRIS}"'),
}  # fmt: skip
_NOTES: Final = 3  # rows above a table: its title, what to know of it, its header


def build_ods(titre: str, note: str, cree_le: date, tableaux: Sequence[Tableau]) -> bytes:
    """Return the workbook of these tables, under its cover; ``cree_le``: the day of its content."""
    couverture = Tableau(
        COUVERTURE, titre, "", (("Feuille", 24), ("Contenu", 90)), [(t.feuille, t.note) for t in tableaux]
    )
    feuilles = _Feuilles()
    corps = [feuilles.write(couverture, (note, *SIGNES), "Sommaire", liens=True)]
    corps += [feuilles.write(t, (t.note,), t.nom) for t in tableaux]
    plages = "".join(feuilles.plages)
    parties = {
        "content.xml": f"<office:document-content {_ESPACES}>{_POLICE}<office:automatic-styles>"
        f"{feuilles.write_styles()}</office:automatic-styles><office:body><office:spreadsheet>{''.join(corps)}"
        f"<table:database-ranges>{plages}</table:database-ranges></office:spreadsheet></office:body></office:document-content>",
        "styles.xml": _STYLES,
        "settings.xml": _write_volets([(COUVERTURE, 0), *((t.feuille, _NOTES) for t in tableaux)]),
        "meta.xml": f"<office:document-meta {_ESPACES}><office:meta><dc:title>{escape(titre)}</dc:title>"
        f"<meta:creation-date>{cree_le}T00:00:00</meta:creation-date><dc:language>fr-FR</dc:language></office:meta>"
        "</office:document-meta>",
        "META-INF/manifest.xml": _MANIFESTE,
    }
    tampon = BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), _GENRE)  # first and not compressed: it names the file
        for nom, texte in parties.items():
            archive.writestr(zipfile.ZipInfo(nom), _ENTETE + texte, zipfile.ZIP_DEFLATED)
    return tampon.getvalue()


class _Feuilles:
    """The sheets as they are written, and the styles that they have asked for."""

    def __init__(self) -> None:
        self.plages: list[str] = []
        self._largeurs: dict[int, str] = {}
        self._hauteurs: dict[float, str] = {}
        self._nombres: dict[tuple[str, int, bool, bool], str] = {}

    def write(self, t: Tableau, notes: Sequence[str], nom: str, *, liens: bool = False) -> str:
        """Return a sheet: a title, notes, a named table."""
        entete, largeurs = len(notes) + 1, [largeur for _, largeur in t.colonnes]
        fin = entete + max(len(t.lignes), 1)
        coin = f"{_cite(t.feuille)}.{_letter(len(largeurs))}{fin + 1}"
        plage = f"{_cite(t.feuille)}.A{entete + 1}:{coin}"
        self.plages.append(
            f"<table:database-range table:name={quoteattr(nom)} table:target-range-address={quoteattr(plage)}"
            ' table:contains-header="true" table:display-filter-buttons="true"/>'
        )
        colonnes = "".join(
            f'<table:table-column table:style-name="{self._largeurs.setdefault(n, f"l{n}")}"/>'
            for n in largeurs
        )
        noms = [nom for nom, _ in t.colonnes]
        haut = "".join(
            self._write_rangee([_texte(texte, style)], hauteur)
            for texte, style, hauteur in [(t.titre, "titre", 22), *((n, "note", 16) for n in notes)]
        )
        tete = self._write_rangee([_texte(nom, "entete") for nom in noms], find_hauteur(noms, largeurs))
        rangees = "".join(
            self._write_rangee(
                [self._write_cellule(c, lien=liens and not rang) for rang, c in enumerate(ligne)],
                find_hauteur(ligne, largeurs),
            )
            for ligne in t.lignes
        )
        return (
            f'<table:table table:name={quoteattr(t.feuille)} table:style-name="t" '
            f"table:print-ranges={quoteattr(f'{_cite(t.feuille)}.A1:{coin}')}>{colonnes}{haut}<table:table-header-rows>{tete}</table:table-header-rows>{rangees}</table:table>"
        )

    def _write_rangee(self, cellules: Iterable[str], hauteur: float) -> str:
        style = self._hauteurs.setdefault(hauteur, f"h{len(self._hauteurs)}")
        return f'<table:table-row table:style-name="{style}">{"".join(cellules)}</table:table-row>'

    def _write_cellule(self, cellule: Cellule, *, lien: bool = False) -> str:
        if isinstance(cellule, str):
            return _texte(cellule, "texte", cellule if lien else "")
        figure, unite = cellule.express()
        if figure.valeur is None:
            return _texte(cellule.write_statut(), "statut")
        cle = (SUFFIXES.get(unite, ""), figure.count_decimales(unite), figure.is_provisoire, cellule.is_ecart)
        style = self._nombres.setdefault(cle, f"n{len(self._nombres)}")
        genre = "percentage" if cle[0] == "%" else "float"
        return (
            f'<table:table-cell table:style-name="{style}" office:value-type="{genre}" '
            f'office:value="{float(figure.valeur)!r}"><text:p>{escape(_write_nombre(cellule))}</text:p></table:table-cell>'
        )

    def write_styles(self) -> str:
        """Return the styles of what was written."""
        styles = [
            '<style:style style:name="t" style:family="table" style:master-page-name="Page">'
            '<style:table-properties table:display="true"/></style:style>'
        ]
        styles += [
            f'<style:style style:name="{nom}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{n * 0.2:.2f}cm"/></style:style>'
            for n, nom in self._largeurs.items()
        ]
        styles += [
            f'<style:style style:name="{nom}" style:family="table-row"><style:table-row-properties '
            f'style:row-height="{hauteur:.1f}pt" style:use-optimal-row-height="false"/></style:style>'
            for hauteur, nom in self._hauteurs.items()
        ]
        styles += [_style_cellule(nom, *proprietes) for nom, proprietes in _CELLULES.items()]
        for (suffixe, decimales, provisoire, is_ecart), nom in self._nombres.items():
            styles.append(
                _style_nombre(f"{nom}f", suffixe, decimales, provisoire=provisoire, is_ecart=is_ecart)
            )
            styles.append(_style_cellule(nom, _TRAIT, 'fo:text-align="end"', "", f"{nom}f"))
        return "".join(styles)


def _write_nombre(nombre: Nombre) -> str:
    ecrit = nombre.figure.write_ecart(nombre.unite) if nombre.is_ecart else nombre.figure.write(nombre.unite)
    return ecrit + PROVISOIRE * nombre.figure.is_provisoire


def _style_cellule(nom: str, cellule: str, paragraphe: str, texte: str, format_: str = "") -> str:
    donnees = f' style:data-style-name="{format_}"' if format_ else ""
    return (
        f'<style:style style:name="{nom}" style:family="table-cell"{donnees}><style:table-cell-properties {cellule}/>'
        f"<style:paragraph-properties {paragraphe}/><style:text-properties {texte}/></style:style>"
    )


def _style_nombre(nom: str, suffixe: str, decimales: int, *, provisoire: bool, is_ecart: bool) -> str:
    """Return the format of a number; that of a difference writes its sign, a plus too, but of zero."""
    genre = "percentage-style" if suffixe == "%" else "number-style"
    apres = (f" {suffixe}" if suffixe else "") + PROVISOIRE * provisoire
    chiffres = (
        f'<number:number number:decimal-places="{decimales}" number:min-decimal-places="{decimales}"'
        ' number:min-integer-digits="1" number:grouping="true"/>'
    )

    def write(suite: str, signe: str, regles: str = "") -> str:
        avant = f"<number:text>{signe}</number:text>" if signe else ""
        appele = ' style:volatile="true"' if suite else ""
        return (
            f'<number:{genre} style:name="{nom}{suite}" number:language="fr" number:country="FR"{appele}>{avant}'
            f"{chiffres}<number:text>{apres}</number:text>{regles}</number:{genre}>"
        )

    if not is_ecart:
        return write("", "")
    regles = "".join(
        f'<style:map style:condition="value(){signe}0" style:apply-style-name="{nom}{suite}"/>'
        for signe, suite in (("&gt;", "P"), ("&lt;", "M"))
    )
    return write("P", "+") + write("M", MOINS) + write("", "", regles)


def _texte(texte: str, style: str, lien: str = "") -> str:
    if not texte:
        return f'<table:table-cell table:style-name="{style}"/>'
    corps = escape(texte)
    if lien:
        corps = (
            f'<text:a xlink:type="simple" xlink:href={quoteattr("#" + _cite(lien) + ".A1")}>{corps}</text:a>'
        )
    return (
        f'<table:table-cell table:style-name="{style}" office:value-type="string"><text:p>{corps}</text:p>'
        "</table:table-cell>"
    )


def _write_volets(feuilles: Iterable[tuple[str, int]]) -> str:
    """Return the settings in which each sheet keeps so many rows, and its first column, in sight."""
    entrees = "".join(
        f"<config:config-item-map-entry config:name={quoteattr(nom)}>"
        + "".join(
            f'<config:config-item config:name="{cle}" config:type="{genre}">{valeur}</config:config-item>'
            for cle, genre, valeur in (
                ("ShowGrid", "boolean", "false"), ("HorizontalSplitMode", "short", 2 if rangs else 0),
                ("VerticalSplitMode", "short", 2 if rangs else 0), ("HorizontalSplitPosition", "int", min(rangs, 1)),
                ("VerticalSplitPosition", "int", rangs), ("PositionRight", "int", min(rangs, 1)),
                ("PositionBottom", "int", rangs),
            )
        )
        + "</config:config-item-map-entry>"
        for nom, rangs in feuilles
    )  # fmt: skip
    return (
        f"<office:document-settings {_ESPACES}><office:settings>"
        '<config:config-item-set config:name="ooo:view-settings"><config:config-item-map-indexed config:name="Views">'
        '<config:config-item-map-entry><config:config-item config:name="ViewId" config:type="string">view1'
        '</config:config-item><config:config-item-map-named config:name="Tables">'
        f"{entrees}</config:config-item-map-named></config:config-item-map-entry></config:config-item-map-indexed>"
        "</config:config-item-set></office:settings></office:document-settings>"
    )


def _cite(feuille: str) -> str:
    return "'" + feuille.replace("'", "''") + "'"


def _letter(rang: int) -> str:
    """Return the letter of a column, the first being 1: no table has more than 26."""
    return chr(ord("A") + rang - 1)
