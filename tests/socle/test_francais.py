"""How people read French: one way to write each thing."""

from __future__ import annotations

import ast
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from aller_vers.socle import francais

RACINE = Path(__file__).parents[2]
# A number, then a noun in the plural: right by chance alone, unless the number is a bound, which is never one.
_NOM_PLURIEL = re.compile(
    r" (?!(?:mois|avis|fois|dans|sans|pas|plus|depuis|mais|puis|vous|sous|vers|nous|les|des|ses|aux|hors|moins|près|après)"
    r"\b)[a-zéèêâîôû]+[sx]\b"
)
_BORNE = re.compile(r"_?[A-Z_]+(?:\.days)?|limites\.\w+| *seuil [|] nombre *")


@pytest.mark.parametrize(
    ("valeur", "decimales", "texte"),
    [
        (None, 0, "—"), (0, 0, "0"), (1645, 0, "1\u202f645"), (-1645, 0, "−1\u202f645"), (-0.4, 0, "0"), (2.5, 0, "3"),
        (Decimal("-3.55"), 1, "−3,6"), (Decimal("12345.675"), 2, "12\u202f345,68"), (7, 1, "7,0"),
    ],
)  # fmt: skip
def test_a_number(valeur: Decimal | None, decimales: int, texte: str) -> None:
    assert francais.write_nombre(valeur, decimales) == texte


def test_a_share_and_a_difference() -> None:
    assert francais.write_part(Decimal("0.066666666667")) == "6,7\u202f%"
    assert [francais.write_ecart(n) for n in (12, -3, 0, None)] == ["+12", "−3", "=", "—"]
    assert francais.write_ecart(Decimal("-0.04"), 1) == "="


def test_a_day_and_a_moment_are_those_of_paris() -> None:
    minuit = datetime(2025, 8, 31, 22, 30, tzinfo=UTC)
    assert francais.write_jour(date(2025, 7, 4)) == "04/07/2025"
    assert francais.write_jour(minuit) == "01/09/2025"
    assert francais.write_instant(minuit) == "01/09/2025 à 00:30"
    assert francais.write_mois(date(2025, 8, 1)) == "août 2025"


@pytest.mark.parametrize(
    ("nombre", "texte"), [(0, "aucun lot retenu"), (1, "1 lot retenu"), (2, "2 lots retenus")]
)
def test_a_noun_agrees_with_its_number(nombre: int, texte: str) -> None:
    assert francais.count(nombre, "lot retenu") == texte


def test_the_words_around_a_noun() -> None:
    assert francais.agree(2, "Caf") == "Caf"
    assert francais.agree(2, "avis") == "avis"
    assert francais.count(0, "personne", feminin=True) == "aucune personne"
    assert [francais.write_duree(n, "mois") for n in (1, 3, 36)] == ["un mois", "trois mois", "36 mois"]
    assert francais.write_duree(5, "jour ouvré") == "cinq jours ouvrés"
    assert [francais.write_de(nom) for nom in ("août 2025", "juin 2025", "octobre 2025")] == [
        "d'août 2025", "de juin 2025", "d'octobre 2025",
    ]  # fmt: skip
    assert francais.enumerate_mots(["a", "b", "c"]) == "a, b et c"
    assert francais.enumerate_mots(["a"]) == "a"


def list_phrases(fichier: Path) -> list[tuple[str, str, str]]:
    """Return each value that a sentence of this file holds, with what stands before and after it."""
    texte = fichier.read_text(encoding="utf-8")
    if fichier.suffix != ".py":
        return re.findall(r"([^{}]{0,12})\{\{([^{}]*)\}\}(?=([^<{]{0,30}))", texte)
    phrases = []
    for noeud in ast.walk(ast.parse(texte)):
        morceaux = noeud.values if isinstance(noeud, ast.JoinedStr) else []
        lus = [m.value if isinstance(m, ast.Constant) else "" for m in morceaux]
        for rang, m in enumerate(morceaux):
            if isinstance(m, ast.FormattedValue):
                phrases.append((
                    "".join(map(str, lus[max(rang - 1, 0) : rang])), ast.unparse(m.value), "".join(map(str, lus[rang + 1 : rang + 2]))
                ))  # fmt: skip
    return phrases


def test_no_sentence_puts_a_number_before_a_plural_nor_de_before_a_month_by_itself() -> None:
    fautes, vues = [], 0
    for dossier in ("include/aller_vers", "plugins/aller_vers_airflow", "dags"):
        for fichier in (f for f in (RACINE / dossier).rglob("*") if f.suffix in (".py", ".j2", ".html")):
            for avant, valeur, apres in list_phrases(fichier):
                vues += 1
                pluriel = _NOM_PLURIEL.match(apres) and not _BORNE.fullmatch(valeur)
                if pluriel or (avant.endswith(" de ") and re.search(r"(?:mois|lu|fin)\S*[.]libelle", valeur)):
                    fautes.append(f"{fichier.relative_to(RACINE)} : {avant[-12:]}{{{valeur}}}{apres[:20]}")
    assert fautes == []
    assert vues > 1000
