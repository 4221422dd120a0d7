"""The officer's file: every test that it names exists, every delay is the setting's, what is open is shown."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from lots_exemples import make_reglages

from aller_vers.__main__ import main
from aller_vers.rapports.dossier_dpd import TITRE, build_dossier, write_page
from aller_vers.rapports.sections import A_ECRIRE, Section, write_document

PROJET = Path(__file__).parents[2]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def find(sections: list[Section], debut: str) -> Section:
    [trouvee] = [s for s in sections if s.titre.startswith(debut)]
    return trouvee


def test_every_measure_is_held_by_a_test_that_exists() -> None:
    mesures = find(build_dossier(make_reglages()), "Mesures").lignes
    assert len(mesures) >= 10
    absents = []
    for _, essai in mesures:
        fichier, _, nom = essai.partition("::")
        if not re.search(rf"^def {nom}\(", (PROJET / fichier).read_text(encoding="utf-8"), re.MULTILINE):
            absents.append(essai)
    assert absents == []


def test_every_delay_is_the_setting_s() -> None:
    def read(**reglages: int) -> dict[str, str]:
        durees = find(build_dossier(make_reglages(**reglages)), "Durées")
        assert all(fondement for _, _, fondement in durees.lignes)
        return {quoi: duree for quoi, duree, _ in durees.lignes}

    defauts = read()
    assert defauts["Trace des échanges"] == "36 mois"
    autres = {
        "mois_avant_purge": 6, "mois_apres_traitement": 2, "mois_certificat": 4, "mois_opposition": 13,
        "mois_lectures": 7, "jours_fichiers_refuses": 11, "jours_fichiers_traites": 12, "heures_quarantaine": 9,
        "jours_sauvegardes": 17, "jours_archives_postgres": 18, "jours_traces_airflow": 19,
        "mois_sans_repetition": 3,
    }  # fmt: skip
    for nom, valeur in autres.items():
        assert sum(read(**{nom: valeur})[quoi] != duree for quoi, duree in defauts.items()) == 1, nom


def test_the_document_opens_says_all_and_shows_what_is_left_to_write() -> None:
    sections = build_dossier(make_reglages())
    assert [s.titre.split()[0] for s in sections[:3]] == ["Fiche", "Analyse", "Durées"]
    textes = [t for s in sections for t in (*s.textes, *(c for ligne in s.lignes for c in ligne))]
    assert not any("{" in t for t in textes)
    octets = write_document(TITRE, sections)
    assert write_document(TITRE, sections) == octets
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        racine = ElementTree.fromstring(archive.read("word/document.xml"))
    lu = "".join(t.text or "" for t in racine.iter(f"{W}t"))
    assert all(ligne in lu for t in textes for ligne in t.split("\n"))
    ouverts = sum(t.count(A_ECRIRE) for t in textes)
    assert ouverts > 10
    assert len(list(racine.iter(f"{W}highlight"))) == ouverts
    assert write_page(sections).decode().count(f"<mark>{A_ECRIRE}</mark>") == ouverts


def test_the_command_writes_both(tmp_path: Path) -> None:
    assert main(["dossier", "--sortie", str(tmp_path / "d")]) == 0
    assert sorted(f.name for f in (tmp_path / "d").iterdir()) == ["dossier.docx", "dossier.html"]


def test_no_word_of_a_table_is_cut_in_two() -> None:
    with zipfile.ZipFile(io.BytesIO(write_document(TITRE, build_dossier(make_reglages())))) as archive:
        racine = ElementTree.fromstring(archive.read("word/document.xml"))
    cellules = 0
    for case in racine.iter(f"{W}tc"):
        [largeur] = [int(w.get(f"{W}w", "0")) for w in case.iter(f"{W}tcW")]
        mots = "".join(t.text or "" for t in case.iter(f"{W}t")).split()
        # 216: the margins of a cell; 115: a letter of this size, on average. A longer word is the name of a test.
        assert all(largeur >= 216 + 115 * len(mot) for mot in mots if len(mot) <= 18), mots
        cellules += 1
    assert cellules > 100
