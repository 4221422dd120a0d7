"""A text as a Word document: titles, tables with a header, links inside. The same content gives the same bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

_WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PAQUET: Final = "http://schemas.openxmlformats.org/package/2006"
_ENTETE: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_GENRE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_LARGEUR: Final = 9900  # of a table, in twentieths of a point
_SIGNE, _MOT = 140, 20  # the widest of a bold letter; the longest word that a column makes room for
_PARTIES: Final = {
    "[Content_Types].xml": f"""<Types xmlns="{_PAQUET}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml" ContentType="{_GENRE}.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{_GENRE}.styles+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_PAQUET}/relationships">
<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>""",
    "word/_rels/document.xml.rels": f"""<Relationships xmlns="{_PAQUET}/relationships">
<Relationship Id="r1" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>""",
}


def _style(code: str, nom: str, taille: int, paragraphe: str, *, gras: bool, defaut: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" {defaut}w:styleId="{code}"><w:name w:val="{nom}"/><w:pPr>{paragraphe}</w:pPr>'
        f'<w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/>{"<w:b/>" if gras else ""}'
        f'<w:sz w:val="{taille}"/><w:lang w:val="fr-FR"/></w:rPr></w:style>'
    )


def _style_titre(niveau: int, taille: int) -> str:
    paragraphe = f'<w:keepNext/><w:spacing w:before="200" w:after="100"/><w:outlineLvl w:val="{niveau - 1}"/>'
    return _style(f"Titre{niveau}", f"heading {niveau}", taille, paragraphe, gras=True)


_NORMAL: Final = _style(
    "Normal", "Normal", 21, '<w:spacing w:after="100"/>', gras=False, defaut='w:default="1" '
)
_STYLES: Final = f'<w:styles xmlns:w="{_WORD}">{_NORMAL}{_style_titre(1, 36)}{_style_titre(2, 28)}</w:styles>'


class Texte(NamedTuple):
    """Words of a paragraph; ``lien``: the name of the place in the document that they lead to."""

    texte: str
    lien: str = ""
    gras: bool = False
    surligne: bool = False


def write_titre(texte: str, niveau: int = 1) -> str:
    """Return a title, of the document (1) or of a part (2)."""
    return f'<w:p><w:pPr><w:pStyle w:val="Titre{niveau}"/></w:pPr>{_morceau(Texte(texte))}</w:p>'


def write_paragraphe(textes: Iterable[Texte], lieu: str = "", numero: int = 0) -> str:
    """Return a paragraph; ``lieu`` names it for links, with a number that no other place of the document has."""
    corps = "".join(_morceau(t) for t in textes)
    if lieu:
        marque = f'<w:bookmarkStart w:id="{numero}" w:name={quoteattr(lieu)}/>'
        corps = f'{marque}{corps}<w:bookmarkEnd w:id="{numero}"/>'
    return f"<w:p>{corps}</w:p>"


def write_tableau(rangees: Sequence[Sequence[Sequence[Texte]]]) -> str:
    """Return a table: its first row is its header, again on each page; a column is as wide as what it holds asks."""
    bords = "".join(
        f'<w:{cote} w:val="single" w:sz="4" w:color="999999"/>'
        for cote in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    longueurs = (
        max(len(ligne) for cellule in colonne for t in cellule for ligne in t.texte.split("\n"))
        for colonne in zip(*rangees, strict=True)
    )
    poids = [min(max(longueur, 12), 70) for longueur in longueurs]
    mots = (
        (m for cellule in colonne for t in cellule for m in t.texte.split())
        for colonne in zip(*rangees, strict=True)
    )
    # No word is cut, but those that no column can hold: names of tests.
    minima = [_SIGNE * min(max(map(len, siens), default=0) + 2, _MOT) for siens in mots]
    if sum(minima) > _LARGEUR:
        minima = [0] * len(minima)
    reste = _LARGEUR - sum(minima)
    largeurs = [minimum + reste * p // sum(poids) for minimum, p in zip(minima, poids, strict=True)]
    fond = '<w:shd w:val="clear" w:fill="E8EEF5"/>'
    lignes = "".join(
        f"<w:tr>{'' if rang else '<w:trPr><w:tblHeader/></w:trPr>'}" + "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{largeur}" w:type="dxa"/>{"" if rang else fond}</w:tcPr>'
            f"{write_paragraphe(cellule)}</w:tc>" for cellule, largeur in zip(rangee, largeurs, strict=True)
        ) + "</w:tr>" for rang, rangee in enumerate(rangees)
    )  # fmt: skip
    grille = "".join(f'<w:gridCol w:w="{largeur}"/>' for largeur in largeurs)
    cadre = f"<w:tblPr><w:tblBorders>{bords}</w:tblBorders></w:tblPr><w:tblGrid>{grille}</w:tblGrid>"
    return f"<w:tbl>{cadre}{lignes}</w:tbl>"


def build_document(corps: Iterable[str]) -> bytes:
    """Return the document of these paragraphs and tables."""
    document = (
        f'<w:document xmlns:w="{_WORD}"><w:body>{"".join(corps)}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1000" w:right="1000" w:bottom="1000" w:left="1000"/></w:sectPr></w:body></w:document>'
    )
    tampon = BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, texte in (_PARTIES | {"word/document.xml": document, "word/styles.xml": _STYLES}).items():
            archive.writestr(zipfile.ZipInfo(nom), _ENTETE + texte, zipfile.ZIP_DEFLATED)
    return tampon.getvalue()


def _morceau(t: Texte) -> str:
    # CT_RPr is a sequence: bold, colour, size, highlight, underline.
    mise = "".join(
        ("<w:b/>" if t.gras else "", '<w:color w:val="1F4E79"/>' if t.lien else "",
         '<w:highlight w:val="yellow"/>' if t.surligne else "", '<w:u w:val="single"/>' if t.lien else "")
    )  # fmt: skip
    lignes = '</w:t><w:br/><w:t xml:space="preserve">'.join(escape(ligne) for ligne in t.texte.split("\n"))
    ecrit = f'<w:r><w:rPr>{mise}</w:rPr><w:t xml:space="preserve">{lignes}</w:t></w:r>'
    return f"<w:hyperlink w:anchor={quoteattr(t.lien)}>{ecrit}</w:hyperlink>" if t.lien else ecrit
