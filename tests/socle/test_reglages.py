"""Settings: defaults, the file, the environment over it, and messages for who wrote them wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from aller_vers.socle import reglages
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages, load_reglages

Ecrire = Callable[[str], Path]


@pytest.fixture
def fichier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ecrire:
    """Give a function that writes the settings' file; no setting comes from the machine's environment."""
    chemin = tmp_path / "reglages.yml"
    for nom in Reglages.model_fields:
        monkeypatch.delenv(f"AV_{nom.upper()}", raising=False)
    monkeypatch.setattr(reglages, "FICHIER", chemin)
    monkeypatch.setitem(Reglages.model_config, "yaml_file", chemin)
    load_reglages.cache_clear()

    def write(texte: str) -> Path:
        chemin.write_text(texte, encoding="utf-8")
        return chemin

    return write


def test_without_a_file_the_defaults_are_those_of_the_contracts(fichier: Ecrire) -> None:
    lus = load_reglages()
    assert lus.planification is True
    assert lus.heure_requete == time(6)
    assert lus.natures == ("initiale", "renouvellement")
    assert lus.premier_mois_depot == Mois(2025, 6)
    assert lus.cle_identite is None


def test_the_file_of_the_project_is_readable_and_says_what_the_contracts_say(
    monkeypatch: pytest.MonkeyPatch, fichier: Ecrire
) -> None:
    projet = Path(reglages.__file__).parents[2] / "configuration" / "reglages.yml"
    fichier(projet.read_text(encoding="utf-8"))
    assert load_reglages() == Reglages(
        natures=("initiale", "renouvellement"), premier_mois_depot=Mois(2025, 6)
    )


def test_the_environment_wins_over_the_file(fichier: Ecrire, monkeypatch: pytest.MonkeyPatch) -> None:
    fichier('premier_mois_depot: "2025-09"\nheure_requete: "07:30"\n')
    monkeypatch.setenv("AV_PREMIER_MOIS_DEPOT", "2026-01")
    lus = load_reglages()
    assert lus.premier_mois_depot == Mois(2026, 1)
    assert lus.heure_requete == time(7, 30)


def test_the_settings_are_read_once_a_process(fichier: Ecrire, monkeypatch: pytest.MonkeyPatch) -> None:
    premiers = load_reglages()
    monkeypatch.setenv("AV_PREMIER_MOIS_DEPOT", "2026-01")
    assert load_reglages() is premiers


def test_settings_cannot_be_changed_once_read(fichier: Ecrire) -> None:
    with pytest.raises(ValidationError):
        load_reglages().planification = False  # type: ignore[misc]


@pytest.mark.parametrize(
    ("texte", "reglage"),
    [
        ('premier_mois_depot: "2025-13"', "premier_mois_depot : "),
        ("heure_requete: 7:30", "heure_requete : "),  # YAML reads 450
        ('heure_requete: "25:00"', "heure_requete : "),
        ("natures: []", "natures : "),
        ("natures: [recours]", "natures.0 : "),
        ("mois_avant_purge: 0", "mois_avant_purge : "),
        ("mois_avant_purge: 13", "mois_avant_purge : "),
        ("jours_ouvres_transmission: 0", "jours_ouvres_transmission : "),
        ("planifiction: false", "planifiction : "),  # a misspelt setting would change nothing, in silence
    ],
)
def test_a_wrong_setting_is_named_and_so_is_the_file_to_mend(
    fichier: Ecrire, texte: str, reglage: str
) -> None:
    chemin = fichier(texte)
    with pytest.raises(ErreurAllerVers) as capture:
        load_reglages()
    assert reglage in capture.value.constat
    assert str(chemin) in capture.value.remede
    assert capture.value.__cause__ is None


def test_a_wrong_value_in_the_environment_is_refused_too(
    fichier: Ecrire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AV_NATURES", "initiale")
    with pytest.raises(ErreurAllerVers, match="natures"):
        load_reglages()


def test_a_file_that_is_not_yaml_is_refused(fichier: Ecrire) -> None:
    fichier("natures: [initiale")
    with pytest.raises(ErreurAllerVers, match="ne se lisent pas"):
        load_reglages()


def test_a_file_that_was_asked_for_and_is_absent_is_refused(
    fichier: Ecrire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AV_REGLAGES", str(reglages.FICHIER))
    with pytest.raises(ErreurAllerVers, match="n'existe pas"):
        load_reglages()


def test_a_secret_in_the_file_is_refused_and_not_repeated(fichier: Ecrire) -> None:
    fichier("cle_identite: tres-secret")
    with pytest.raises(ErreurAllerVers, match="AV_CLE_IDENTITE") as capture:
        load_reglages()
    assert "tres-secret" not in str(capture.value)


def test_the_key_of_the_environment_never_shows_in_a_text(
    fichier: Ecrire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AV_CLE_IDENTITE", "tres-secret")
    lus = load_reglages()
    assert lus.cle_identite is not None
    assert lus.cle_identite.get_secret_value() == "tres-secret"
    assert "tres-secret" not in f"{lus!r} {lus} {lus.model_dump_json()}"


def test_a_misplaced_secret_is_not_repeated_by_the_message_on_another_setting(fichier: Ecrire) -> None:
    fichier("cle_identitee: tres-secret")
    with pytest.raises(ErreurAllerVers) as capture:
        load_reglages()
    assert "cle_identitee" in str(capture.value)
    assert "tres-secret" not in str(capture.value)
