"""Files past their time: refused ones on the share, backups, task logs."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aller_vers.destruction.fichiers import purge_dossier, purge_partiels, purge_refuses
from aller_vers.partage.partage import Partage
from aller_vers.socle.erreurs import ErreurAllerVers

AVANT = datetime.now(UTC) - timedelta(days=30)
VIEUX = (AVANT - timedelta(hours=1)).timestamp()


def write(chemin: Path, *, vieux: bool) -> Path:
    chemin.parent.mkdir(parents=True, exist_ok=True)
    chemin.write_text("x")
    if vieux:
        os.utime(chemin, (VIEUX, VIEUX))
    return chemin


def list_files(racine: Path) -> list[str]:
    return sorted(str(f.relative_to(racine)) for f in racine.rglob("*") if not f.is_dir())


def test_refused_files_past_their_time_go_and_nothing_else(tmp_path: Path) -> None:
    for caf in ("831", "591"):
        write(tmp_path / caf / "refuses" / "personnes.xlsx", vieux=True)
        write(tmp_path / caf / "refuses" / "personnes.xlsx.txt", vieux=True)
        write(tmp_path / caf / "refuses" / "hier.csv", vieux=False)
        write(tmp_path / caf / "retours" / "accuse.csv", vieux=True)
        write(tmp_path / caf / "2025-06" / "v1" / "PA.xlsx", vieux=True)
    write(tmp_path / "ailleurs" / "refuses" / "a.txt", vieux=True)
    vieux_dossier = write(tmp_path / "831" / "refuses" / "archive" / "b.txt", vieux=True).parent
    os.utime(vieux_dossier, (VIEUX, VIEUX))
    assert purge_refuses(Partage(str(tmp_path)), AVANT) == 5
    assert list_files(tmp_path) == sorted(
        ["ailleurs/refuses/a.txt"]
        + [
            f"{caf}/{nom}"
            for caf in ("831", "591")
            for nom in ("refuses/hier.csv", "retours/accuse.csv", "2025-06/v1/PA.xlsx")
        ]
    )


def test_what_a_cut_writing_left_goes_from_every_folder_of_ours(tmp_path: Path) -> None:
    nos_dossiers = (
        "", "831/registre", "831/rapports/2025-06", "831/2025-06/v1", "831/refuses", "831/retours/modeles",
        "831/retours/traites", "national/diffusion/2025-06", "quarantaine/831", "mesures/modeles",
    )  # fmt: skip
    for dossier in nos_dossiers:
        write(tmp_path / dossier / ".partiel-0123456789abcdef", vieux=True)
        write(tmp_path / dossier / ".partiel-fedcba9876543210", vieux=False)
        write(tmp_path / dossier / "fichier", vieux=True)
    write(tmp_path / "831" / "retours" / ".partiel-accuse.csv", vieux=True)  # of a Caf's own program
    avant = list_files(tmp_path)
    assert purge_partiels(Partage(str(tmp_path)), AVANT) == len(nos_dossiers)
    assert [f for f in avant if not f.endswith(".partiel-0123456789abcdef")] == list_files(tmp_path)


def test_a_share_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ErreurAllerVers, match="introuvable"):
        purge_refuses(Partage(str(tmp_path / "absent")), AVANT)


def test_old_logs_go_with_their_old_folders_links_unfollowed_and_recent_ones_stay(tmp_path: Path) -> None:
    journaux, hors = tmp_path / "logs", tmp_path / "hors"
    garde = write(hors / "garde.log", vieux=True)
    write(journaux / "dag_id=a" / "run_id=1" / "attempt=1.log", vieux=True)
    write(journaux / "dag_id=a" / "run_id=2" / "attempt=1.log", vieux=False)
    (journaux / "dag_id=a" / "vide").mkdir()
    lien = journaux / "latest"
    lien.symlink_to(hors)
    os.utime(lien, (VIEUX, VIEUX), follow_symlinks=False)
    for dossier in (journaux / "dag_id=a" / "run_id=1", journaux / "dag_id=a", journaux):
        os.utime(dossier, (VIEUX, VIEUX))
    assert purge_dossier(journaux, AVANT) == 2
    assert list_files(journaux) == ["dag_id=a/run_id=2/attempt=1.log"]
    assert not (journaux / "dag_id=a" / "run_id=1").exists()
    assert (journaux / "dag_id=a" / "vide").exists(), "une tâche va peut-être y écrire"
    assert not lien.is_symlink()
    assert garde.exists()
    assert purge_dossier(journaux, AVANT) == 0


def test_a_folder_all_of_whose_files_went_goes_whole_and_never_its_root(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "c.log", vieux=True)
    for dossier in (tmp_path / "a" / "b", tmp_path / "a", tmp_path):
        os.utime(dossier, (VIEUX, VIEUX))
    assert purge_dossier(tmp_path, AVANT) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ErreurAllerVers, match="introuvable"):
        purge_dossier(tmp_path / "absent", AVANT)
