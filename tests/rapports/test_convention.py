"""The draft of a convention: whole, of these two caisses, with the settings' delays, left open where people write."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from lots_exemples import make_reglages

from aller_vers.__main__ import main
from aller_vers.rapports.convention import build_convention, write_convention
from aller_vers.rapports.sections import A_ECRIRE
from aller_vers.socle.referentiel import load_conventions


def read(code_caf: str, code_cpam: str, **reglages: int) -> str:
    octets, _ = write_convention(code_caf, code_cpam, make_reglages(**reglages))
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        racine = ElementTree.fromstring(archive.read("word/document.xml"))
    return "\n".join(racine.itertext())


@pytest.mark.parametrize("couple", sorted({(c.code_caf, c.code_cpam) for c in load_conventions()}))
def test_each_pair_of_the_reference_has_its_draft_with_nothing_unfilled(couple: tuple[str, str]) -> None:
    titre, sections = build_convention(*couple, make_reglages())
    textes = [
        titre,
        *(t for s in sections for t in (s.titre, *s.textes, *(c for li in s.lignes for c in li))),
    ]
    assert not [t for t in textes if re.search(r"[{}]|None", t)]
    # What the instruction wants in it: purpose, legal basis, engagements of each party, data (§2.2).
    ensemble = " ".join(textes)
    for attendu in ("finalité", "L.114-12", "Engagements de la Caf", "Engagements de la Cpam", "code postal"):
        assert attendu in ensemble
    assert sum(s.count_a_ecrire() for s in sections) == ensemble.count(A_ECRIRE) > 0


def test_delays_are_the_settings_and_the_channel_the_instruction_s() -> None:
    texte = read("591", "594", mois_certificat=2, jours_retour=33, jours_ouvres_transmission=7)
    assert ("deux mois" in texte, "33 jours" in texte, "7 jours ouvrés" in texte) == (True, True, True)
    assert "BlueFiles ou PEPS" in texte
    assert "Cpam des Flandres" in texte


def test_a_caisse_commune_signs_an_internal_protocol() -> None:
    texte = read("051", "051")
    assert "Protocole interne" in texte
    assert "tient lieu de convention" in texte
    assert "et la caisse" not in texte
    assert "BlueFiles" not in texte


def test_a_pair_that_does_not_work_together_is_refused_with_those_that_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convention", "831", "594", "--sortie", str(tmp_path)]) == 1
    assert "831" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert main(["convention", "831", "831", "--sortie", str(tmp_path)]) == 0
    assert [f.name for f in tmp_path.iterdir()] == ["CONVENTION_831_831.docx"]
