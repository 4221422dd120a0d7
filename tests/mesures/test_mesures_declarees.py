"""Declared measures: read strictly, so that a received figure means one thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from aller_vers.mesures.declarees import load_mesures_declarees
from aller_vers.socle.erreurs import ErreurAllerVers

BONNE = """- code: agents_formes
  libelle: Agents formés
  niveau: caf
  periode: mois
  modalites: [formes, presents]
  type: compte
  additive_dans_le_temps: false
"""


def load(dossier: Path, texte: str) -> object:
    fichier = dossier / "mesures.yml"
    fichier.write_text(texte, encoding="utf-8")
    return load_mesures_declarees.__wrapped__(fichier)


def test_the_project_s_own_list_is_read() -> None:
    declarees = load_mesures_declarees()
    assert declarees["complementaire_sante_monoparentales"].modalites == ("sans_complementaire", "couvertes")
    assert all(code == mesure.code for code, mesure in declarees.items())


def test_a_measure_is_read_with_its_level_period_and_modalities(tmp_path: Path) -> None:
    [mesure] = load(tmp_path, BONNE).values()  # type: ignore[attr-defined]
    assert (mesure.code, mesure.niveau, mesure.periode) == ("agents_formes", "caf", "mois")
    assert (mesure.modalites, mesure.type, mesure.additive_dans_le_temps) == (
        ("formes", "presents"),
        "compte",
        False,
    )


@pytest.mark.parametrize(
    ("avant", "apres", "faute"),
    [
        ("  niveau: caf\n", "", "niveau"),
        ("niveau: caf", "niveau: region", "niveau"),
        ("periode: mois", "periode: jour", "periode"),
        ("type: compte", "type: moyenne", "type"),
        ("type: compte", "typ: compte", "typ"),
        ("additive_dans_le_temps: false", "additive_dans_le_temps: parfois", "additive_dans_le_temps"),
        ("code: agents_formes", "code: Agents formés", "code"),
        ("[formes, presents]", "[formes, formes]", "en double : agents_formes"),
        ("[formes, presents]", "[Formés]", "modalites"),
        ("  periode: mois\n", "  periode: mois\n  periode: mois\n", "clé en double"),
        (BONNE, BONNE + BONNE, "en double : agents_formes"),
        (BONNE, "code: x", "list"),
        (BONNE, "- [", "pas du YAML"),
    ],
)
def test_a_list_that_leaves_a_doubt_is_refused(tmp_path: Path, avant: str, apres: str, faute: str) -> None:
    assert avant in BONNE
    with pytest.raises(ErreurAllerVers, match=f"mesures.yml.*{faute}"):
        load(tmp_path, BONNE.replace(avant, apres, 1))


def test_an_absent_list_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ErreurAllerVers, match="FileNotFoundError"):
        load_mesures_declarees.__wrapped__(tmp_path / "absent.yml")
