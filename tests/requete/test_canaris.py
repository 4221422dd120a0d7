"""Canary persons and broken gates: nothing of a person leaves staging, and what is broken never passes."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from shutil import copytree

import pytest
from requete_exemples import JUIN, load_net
from sqlalchemy import Connection, text

from aller_vers.qualite import regles as module
from aller_vers.requete.profil import find_quarantaine, profile_requete
from aller_vers.requete.publication import judge_requete
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.sql import DOSSIER
from canaris import ADRESSE, CANARI, NUMERO, find_traces, keep_resultats, read_tables

RUN = "essai"
SEMES: list[dict[str, str | None]] = [
    CANARI | {"id_personne": ADRESSE},
    CANARI | {"id_personne": NUMERO, "date_dernier_depot": ADRESSE},
    CANARI | {"id_personne": NUMERO, "demandes_ajpa": NUMERO},
    CANARI | {"opposition_contact": ADRESSE},
    CANARI | {"code_postal": ADRESSE, "code_postal_net": None},
    CANARI | {"courriel": NUMERO, "telephone": ADRESSE, "motifs": "{champs_inverses}"},
]


@pytest.fixture
def resultats(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keep every result that Great Expectations returns, whole."""
    return keep_resultats(monkeypatch)


def test_nothing_of_a_canary_is_in_results_tables_nor_logs(
    etl: Connection, resultats: list[str], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    load_net(etl, *SEMES)
    caplog.set_level(logging.DEBUG)
    profile_requete(etl, JUIN, RUN)
    jugement = judge_requete(etl, JUIN, RUN)
    assert jugement.par_caf["831"] == "retenu"
    assert len(resultats) > 10
    assert '"success": false' in "".join(resultats), "the canaries break lines, or this proves nothing"
    assert "831" in "".join(resultats)
    dq = read_tables(etl, "dq")
    assert "format_inattendu" in dq
    for contenu in ("".join(resultats), dq, caplog.text, "".join(capfd.readouterr()), str(jugement)):
        assert find_traces(contenu) == []


PANNES = [
    "cast(d.courriel AS integer) = 1",
    "cast(d.telephone_net AS date) IS NULL",
    "cast(d.courriel || d.telephone AS numeric) > 0",
]


@pytest.mark.parametrize("panne", PANNES)
@pytest.mark.parametrize("etape", ["profil", "quarantaine"])
def test_a_rule_that_breaks_on_a_canary_says_nothing_of_them(
    etl: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    panne: str,
    etape: str,
) -> None:
    copytree(DOSSIER / "requete", tmp_path / "requete")
    monkeypatch.setattr(module, "DOSSIER", tmp_path)
    fichier = tmp_path / "requete" / "regles" / "format_inattendu.sql"
    fichier.write_text(fichier.read_text(encoding="utf-8").partition("\n\n")[0] + f"\n\n{panne}\n")
    load_net(etl, *SEMES)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ErreurAllerVers, match="La règle format_inattendu ne peut pas être comptée") as erreur:
        profile_requete(etl, JUIN, RUN) if etape == "profil" else find_quarantaine(etl, JUIN)
    dit = "".join(traceback.format_exception(erreur.value)) + erreur.value.remede
    assert find_traces(dit + caplog.text + read_tables(etl, "dq")) == []


def read_verdicts(etl: Connection) -> int:
    return int(etl.scalar(text("SELECT count(*) FROM dq.verdict")) or 0)


@pytest.mark.parametrize("absent", ["great_expectations", "great_expectations.expectations", "pandas"])
def test_a_missing_library_is_an_error_and_no_verdict(
    etl: Connection, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    load_net(etl, {})
    profile_requete(etl, JUIN, RUN)
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(ImportError, match=absent):
        judge_requete(etl, JUIN, RUN)
    assert read_verdicts(etl) == 0


@pytest.mark.parametrize("regle", ["identite_dupliquee", "opposition", "courriel_absent"])
def test_a_rule_whose_file_is_missing_at_judgement_is_refused_by_name(
    etl: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, regle: str
) -> None:
    load_net(etl, {})
    copytree(DOSSIER / "requete", tmp_path / "requete")
    (tmp_path / "requete" / "regles" / f"{regle}.sql").unlink()
    monkeypatch.setattr(module, "DOSSIER", tmp_path)
    profile_requete(etl, JUIN, RUN)
    with pytest.raises(ErreurAllerVers, match=f"colonnes inconnues : .*{regle}"):
        judge_requete(etl, JUIN, RUN)
    assert read_verdicts(etl) == 0


@pytest.mark.parametrize("regle", ["identite_dupliquee", "opposition", "courriel_absent"])
def test_a_rule_whose_file_was_missing_at_profile_is_not_evaluated_and_holds(
    etl: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, regle: str
) -> None:
    load_net(etl, {}, {"code_caf": "751", "code_caf_gestionnaire": "751"})
    copytree(DOSSIER / "requete", tmp_path / "requete")
    (tmp_path / "requete" / "regles" / f"{regle}.sql").unlink()
    with monkeypatch.context() as sans:
        sans.setattr(module, "DOSSIER", tmp_path)
        profile_requete(etl, JUIN, RUN)
    jugement = judge_requete(etl, JUIN, RUN)
    assert set(jugement.par_caf.values()) == {"retenu"}
    assert {m.regle for m in jugement.manquements if m.code_caf == "831" and not m.evaluee} == {regle}
    verdicts = etl.execute(
        text("SELECT DISTINCT verdict FROM dq.verdict WHERE regle = :r AND code_caf IS NOT NULL"),
        {"r": regle},
    )
    assert verdicts.scalars().all() == ["non_evalue"]


@pytest.mark.parametrize("portee", ["caf", "nation"])
def test_a_suite_that_names_a_rule_without_file_is_refused_by_name(
    etl: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portee: str
) -> None:
    from aller_vers.qualite.suites import load_suite
    from aller_vers.requete import publication as requete

    load_net(etl, {})
    profile_requete(etl, JUIN, RUN)
    suite = load_suite("requete_nationale")
    lignes = getattr(suite, portee)
    inventee = lignes[0].model_copy(update={"regle": "inventee", "colonne": "inventee"})
    fausse = suite.model_copy(update={portee: (*lignes, inventee)})
    monkeypatch.setattr(requete, "load_suite", lambda nom: fausse)
    with pytest.raises(ErreurAllerVers, match=r"colonnes inconnues : inventee\."):
        judge_requete(etl, JUIN, RUN)
    assert read_verdicts(etl) == 0
