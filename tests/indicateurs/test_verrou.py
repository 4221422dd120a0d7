"""The lock of definitions and the generated documentation: neither lets a change go unseen."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from exemples import define

from aller_vers.indicateurs.dictionnaire import load_dictionnaire
from aller_vers.indicateurs.documentation import DOCS, build_documentation, describe_formule
from aller_vers.indicateurs.verrou import (
    compute_empreintes,
    find_changements,
    lock_definitions,
    read_verrou,
    seal,
)
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.reglages import Reglages

TAUX: dict[str, Any] = {
    "code": "taux", "type_": "ratio", "numerateur": "n:a", "denominateur": "d:a", "journal": ["version 1 : première"],
}  # fmt: skip


def test_no_shipped_definition_has_changed_unseen() -> None:
    """If this fails: a new version beside the old one, or a new line of journal; then ``make dictionnaire``."""
    dictionnaire = load_dictionnaire()
    verrou = read_verrou()
    assert find_changements(verrou, dictionnaire) == []
    assert {i.cle: seal(i) for i in dictionnaire} == verrou


def test_a_setting_that_is_not_the_default_shows_in_the_hash_of_what_reads_it() -> None:
    dictionnaire = load_dictionnaire()
    ici = compute_empreintes(dictionnaire, Reglages(mois_suivi=6))
    ailleurs = {cle for cle, s in read_verrou().items() if ici[cle] != f"{s.formule}-{s.calcul}"}
    assert "taux_droits_ouverts_ajpa/1" in ailleurs
    assert "demandeurs/1" not in ailleurs
    assert 0 < len(ailleurs) < len(dictionnaire) / 2


def test_the_generated_documentation_is_current() -> None:
    """If this fails: ``make dictionnaire``."""
    page = build_documentation(load_dictionnaire())["indicateurs.md"]
    assert (DOCS / "indicateurs.md").read_text(encoding="utf-8") == page, "make dictionnaire"


@pytest.mark.parametrize(
    ("champs", "refus"),
    [
        ({}, None),
        ({"numerateur": "n:b"}, "taux/1 ne calcule plus la même chose"),
        ({"numerateur": [{"mesure": "n", "modalite": "a", "poids": 0.5}]}, "ne calcule plus"),
        ({"definition": "Autre périmètre."}, "ne calcule plus"),
        ({"sens": "moins"}, "ne calcule plus"),
        ({"maille": "couple"}, "ne calcule plus"),
        ({"frequence": "annee"}, "ne calcule plus"),
        ({"numerateur": "n:b", "journal": ["version 1 : première", "2025-07 : on change tout"]}, "ne calcule plus"),
        ({"libelle": "Autre mot"}, "taux/1 a changé sans nouvelle ligne de journal"),
        ({"cibles": {date(2025, 1, 1): 0.5}}, "sans nouvelle ligne"),
        ({"libelle": "Autre mot", "journal": ["version 1 : première", "2025-07 : libellé"]}, None),
        ({"version": 2, "numerateur": "n:b", "journal": ["version 1 : …", "version 2 : …"]}, "taux/1 a disparu"),
    ],
)  # fmt: skip
def test_another_formula_is_another_version_and_another_word_a_line(
    tmp_path: Path, champs: dict[str, Any], refus: str | None
) -> None:
    assert lock_definitions([define(**TAUX)], tmp_path) == ["taux/1"]
    avant = (tmp_path / "verrou.json").read_bytes()
    if refus is None:
        lock_definitions([define(**TAUX | champs)], tmp_path)
        assert find_changements(read_verrou(tmp_path), [define(**TAUX | champs)]) == []
    else:
        with pytest.raises(ErreurAllerVers, match=refus):
            lock_definitions([define(**TAUX | champs)], tmp_path)
        assert (tmp_path / "verrou.json").read_bytes() == avant


def test_a_line_of_journal_is_not_taken_back(tmp_path: Path) -> None:
    lock_definitions([define(**TAUX | {"journal": ["version 1 : première", "2025-07 : libellé"]})], tmp_path)
    assert find_changements(read_verrou(tmp_path), [define(**TAUX)]) == [
        "taux/1 a perdu des lignes de son journal"
    ]


def test_a_new_version_beside_the_old_one_is_welcome(tmp_path: Path) -> None:
    lock_definitions([define(**TAUX)], tmp_path)
    deux = define(**TAUX | {"version": 2, "numerateur": "n:b", "journal": ["version 1 : …", "version 2 : …"]})
    assert lock_definitions([define(**TAUX), deux], tmp_path) == ["taux/2"]
    assert set(read_verrou(tmp_path)) == {"taux/1", "taux/2"}


@pytest.mark.parametrize(
    ("definition", "formule"),
    [
        (define("c", "compte", ["n:a", "n:*"]), "(`n[a]` + `n[toutes]`)"),
        (define("r", "ratio", [{"mesure": "h", "classe_min": 2}], "h"), "`h` à partir de 2 ÷ `h`"),
        (define("m", "moyenne", "h"), "moyenne de `h`"),
        (define("m", "moyenne", "s", "n"), "`s` ÷ `n`"),
        (define("q", "quantile", "h", quantile=0.9), "neuvième décile de `h`"),
        (define("q", "quantile", "h", quantile=0.25), "quantile 0.25 de `h`"),
        (define("l", "au_dela", "h", quantile=0.9), "moyenne de `h`, au-delà du quantile 0.9"),
        (define("e", "evolution", "n", recul_mois=12), "`n` ÷ le même, 12 mois avant, − 1"),
        (define("d", "dispersion", "s", "n"), "plus grand ÷ plus petit, entre caisses, de `s` ÷ `n`"),
        (
            define(
                "a",
                "ratio",
                [{"mesure": "f"}, {"mesure": "p", "classe_min": 1, "classe_max": 3, "poids": 0.5}],
                "t",
            ),
            "(`f` + 0,5 × `p` de 1 à 3) ÷ `t`",
        ),
    ],
)
def test_a_formula_is_told_in_words(definition: Any, formule: str) -> None:
    assert describe_formule(definition) == formule


def test_the_page_and_the_exports_hold_every_field_of_every_definition() -> None:
    definition = define(
        "taux", "ratio", "n", "d", nature="IR", axe="Accès aux droits", points=40, valeur_origine=0.45,
        cibles={date(2025, 1, 1): 0.5}, bande_quasi_atteint=0.05, part_minimale_caisses=0.8, periodes=["douze_mois"],
        valable_au=date(2027, 12, 31), abandonne=date(2027, 6, 1),
        decisions=[{"mois": "2025-06", "atteinte": "quasi_atteinte", "date": date(2025, 9, 1), "raison": "Comité de suivi."}],
    )  # fmt: skip
    textes = build_documentation([definition])
    for attendu in (
        "## taux, version 1", "**Libellé.** Définition.", "Formule : `n` ÷ `d`", "plus haut est mieux", "Axe : Accès aux droits",
        "Points : 40", "Valeur d'origine : 0,45", "0,5 au 01/01/2025", "à 0,05 près", "2025-06 : quasi atteinte (01/09/2025",
        "Part minimale de caisses : 0,8", "Biais.", "Levier.", "Source.", "du 01/01/2009 au 31/12/2027", "le 01/06/2027",
        "version 2 : autre définition", "douze mois glissants", "nation, régions, groupes, Caf",
    ):  # fmt: skip
        assert attendu in textes["indicateurs.md"]
    [json_] = json.loads(textes["indicateurs.json"])
    assert json_["cibles"] == {"2025-01-01": "0.5"}
    [ligne] = csv.DictReader(io.StringIO(textes["indicateurs.csv"].removeprefix("\ufeff")), delimiter=";")
    assert (ligne["axe"], ligne["cibles"], ligne["formule"]) == (
        "Accès aux droits",
        "2025-01-01 : 0.5",
        "`n` ÷ `d`",
    )
