"""A family of the dictionary: one file, one definition a declension."""

from __future__ import annotations

from pathlib import Path

import pytest

from aller_vers.indicateurs.declinaisons import expand
from aller_vers.indicateurs.dictionnaire import load_dictionnaire
from aller_vers.socle.erreurs import ErreurAllerVers

CHAMPS = frozenset({"code", "libelle", "numerateur", "sens"})
FAMILLE = {
    "code": "parts_{tranche}_x",
    "libelle": "Part{nom}",
    "numerateur": [{"mesure": "m", "modalite": "age:{tranche}"}],
    "sens": "plus",
}


def test_each_declension_fills_the_holes_and_replaces_fields() -> None:
    vieux = {"tranche": 65, "nom": " des 65 ans", "sens": "moins"}
    tous = {"tranche": "", "nom": "", "numerateur": {"mesure": "{nom}m"}}
    assert expand({**FAMILLE, "declinaisons": [vieux, tous]}, CHAMPS) == [
        {"code": "parts_65_x", "libelle": "Part des 65 ans", "sens": "moins",
         "numerateur": [{"mesure": "m", "modalite": "age:65"}]},
        {"code": "parts_x", "libelle": "Part", "sens": "plus", "numerateur": {"mesure": "m"}},
    ]  # fmt: skip


def test_a_document_without_declensions_is_itself() -> None:
    assert expand({"code": "x_{y}"}, CHAMPS) == [{"code": "x_{y}"}]


@pytest.mark.parametrize(
    ("declinaisons", "refus"),
    [
        ([], "liste"), ("ajpa", "liste"), (["ajpa"], "liste"),
        ([{"tranche": "a"}], "ne donne pas nom"),
        ([{"tranche": "a", "nom": "b", "trache": "c"}], "rien n'attend trache"),
    ],
)  # fmt: skip
def test_a_hole_without_filling_or_a_filling_without_hole_is_refused(
    declinaisons: object, refus: str
) -> None:
    with pytest.raises(ValueError, match=refus):
        expand({**FAMILLE, "declinaisons": declinaisons}, CHAMPS)


def test_a_family_is_found_by_the_words_of_its_codes_and_no_code_stands_twice(tmp_path: Path) -> None:
    texte = """
code: parts_{tranche}_demandeurs
version: 1
libelle: Part {tranche}
definition: Une part.
nature: IS
type: compte
numerateur: {mesure: m, modalite: "{tranche}"}
unite: personnes
sens: plus
biais: Aucun.
levier: Aucun.
source: essai
valable_du: 2025-01-01
journal: ["version 1 : première"]
declinaisons:
  - {tranche: a}
  - {tranche: %s}
"""
    (tmp_path / "parts_demandeurs.yml").write_text(texte % "b", encoding="utf-8")
    assert [i.code for i in load_dictionnaire(tmp_path)] == ["parts_a_demandeurs", "parts_b_demandeurs"]
    (tmp_path / "parts_demandeurs.yml").write_text(texte % "a", encoding="utf-8")
    with pytest.raises(ErreurAllerVers, match="deux fois la version 1"):
        load_dictionnaire(tmp_path)
    (tmp_path / "parts_demandeurs.yml").rename(tmp_path / "autre.yml")
    with pytest.raises(ErreurAllerVers, match=r"autre\.yml définit la famille"):
        load_dictionnaire(tmp_path)
