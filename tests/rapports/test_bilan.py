"""The text of a year: the paragraphs of IT 2025-098 §1.2 from their counts, and what it says of what nobody gave."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rapports_exemples import make_case
from sqlalchemy import Connection, text

from aller_vers.__main__ import main
from aller_vers.diffusion.modele import Case
from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.dictionnaire import Niveau
from aller_vers.indicateurs.marts import compute_indicateurs
from aller_vers.indicateurs.modele import Mesure, load_reseau
from aller_vers.partage.partage import Partage
from aller_vers.rapports.bilan import CODES, BilanAnnuel, LecteurDuBilan, build_bilan, write_document
from aller_vers.rapports.bilan_fichiers import write_page
from aller_vers.rapports.ecriture import write_rapports
from aller_vers.rapports.sources import read_sources
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DICTIONNAIRE = [i for i in load_dictionnaire() if i.code in CODES]
PARTS = re.compile(r"(\d+)\u202f%")


def give(debut: str, fin: str, caf: str, cpam: str, **comptes: int) -> list[Mesure]:
    """Give the counts of a period as monthly returns: an equal part each month, what is left in the last."""
    premier, dernier = Mois.parse(debut), Mois.parse(fin)
    nombre = dernier.numero - premier.numero + 1
    return [
        Mesure(
            str(premier.shift(n)), caf, cpam, "retour_mensuel", nom, None,
            Decimal(total // nombre + (total % nombre if n == nombre - 1 else 0)),
        )
        for nom, total in comptes.items() for n in range(nombre)
    ]  # fmt: skip


def give_semestre(mois: str, cpam: str, **comptes: int) -> list[Mesure]:
    return [Mesure(mois, None, cpam, "retour_semestriel", n, None, Decimal(v)) for n, v in comptes.items()]


def write(annee: int, mesures: Sequence[Mesure], niveau: Niveau, territoire: str) -> BilanAnnuel:
    valeurs = compute_valeurs(DICTIONNAIRE, mesures, load_reseau(), 5)
    cases = [
        Case(v, v.statut)
        for v in valeurs
        if (v.niveau, v.territoire, v.periode) == (niveau, territoire, "mois")
    ]
    return build_bilan(annee, LecteurDuBilan("essai", niveau, publie=False), cases, DICTIONNAIRE, 5)


def read(bilan: BilanAnnuel) -> str:
    return bilan.texte.replace("\u202f", " ")


def test_the_var_of_2023_as_the_instruction_prints_it() -> None:
    """« 111 demandeurs […] ciblés […] 79 appels sortants […] 46 […] aboutir, 18 RDV […] 15 honorés (soit […] 19 %) »."""
    comptes = {
        "cibles": 111, "offres_envoyees": 111, "contactables": 79, "personnes_appelees": 79, "personnes_jointes": 46,
        "rdv_pris": 18, "rdv_honores": 15,
    }  # fmt: skip
    texte = read(write(2023, give("2023-06", "2023-12", "831", "831", **comptes), "caf", "831"))
    assert texte.splitlines()[0] == (
        "En 2023, de juin à décembre, 111 demandeurs ont été ciblés ; 111 personnes ont reçu une offre de parcours par "
        "courriel ; 79 avaient des coordonnées valides et autorisaient le contact ; 79 personnes ont été appelées par la "
        "Cpam ; 46 appels ont abouti ; 18 rendez-vous ont été pris ; 15 rendez-vous ont été honorés, soit un taux de transformation de 19 % des personnes appelées et de 33 % des "
        "personnes jointes."
    )
    assert "Non fourni : personnes qui ont accepté." in texte


def test_the_var_of_2024_as_the_instruction_prints_it() -> None:
    """« 175 demandeurs […] 78 […] contactés […] 14 parcours […] 18 % […] 2 […] MISAS et 5 orientations »."""
    comptes = {
        "cibles": 175,
        "offres_envoyees": 122,
        "contactables": 78,
        "personnes_appelees": 78,
        "rdv_honores": 14,
    }
    mesures = [
        *give("2024-01", "2024-08", "831", "831", **comptes),
        *give_semestre(
            "2024-06", "831", rdv_honores=14, accompagnements_misas=2, orientations_service_social=5
        ),
    ]
    premiere, suites, *_ = read(write(2024, mesures, "cpam", "831")).splitlines()
    assert premiere.startswith(
        "En 2024, de janvier à août, 175 demandeurs ont été ciblés ; 122 personnes ont reçu une offre de parcours par "
        "courriel ; "
    )
    assert premiere.endswith(
        "; 78 personnes ont été appelées par la Cpam ; 14 rendez-vous ont été honorés, soit un taux de transformation "
        "de 18 % des personnes appelées."
    )
    assert suites == (
        "Ces parcours ont abouti à 2 accompagnements par la Mission accompagnement santé (MISAS) et 5 orientations vers "
        "le service social de l'Assurance maladie."
    )


def test_flandres_as_the_instruction_prints_it_but_for_the_one_percentage_that_it_misprints() -> None:
    """28 of 61 are 46 %, and of 109 called 26 %: the instruction prints 45 %, which is neither."""
    mesures = [
        *give("2024-01", "2024-12", "591", "594", personnes_appelees=109, personnes_jointes=61, acceptations=42, rdv_honores=28),
        *give_semestre("2024-06", "594", rdv_honores=28, precarite=18, sans_complementaire=3),
    ]  # fmt: skip
    bilan = write(2024, mesures, "cpam", "594")
    assert read(bilan).splitlines()[0] == (
        "En 2024, 109 personnes ont été appelées par la Cpam ; 61 appels ont abouti ; 42 personnes ont accepté le "
        "parcours ; 28 rendez-vous ont été honorés, soit un taux de transformation de 26 % des personnes appelées et de "
        "46 % des personnes jointes."
    )
    imprimees = {"45", "64", "11"}
    assert imprimees - set(PARTS.findall(bilan.texte)) == {"45"}


def test_what_nobody_gave_is_said_and_a_partial_figure_names_its_months() -> None:
    texte = read(
        write(
            2025,
            [
                *give("2025-01", "2025-03", "831", "831", cibles=30, contactables=20),
                *give("2025-02", "2025-02", "831", "831", personnes_appelees=1),
            ],
            "caf",
            "831",
        )
    )
    assert "de janvier à mars" in texte
    assert "1 personne a été appelée par la Cpam (février 2025 seulement)" in texte
    assert "Non fourni : offres envoyées, appels aboutis, " in texte
    assert (
        "Donné par les Cpam à l'équipe nationale, et non repris ici : suites des rendez-vous et profil"
        in texte
    )
    assert not re.search(r"\b0 (personne|appel|rendez-vous)", texte)


def test_a_month_that_can_still_move_is_named_and_not_counted() -> None:
    cases = [
        make_case("personnes_appelees", Mois(2025, n), str(v), statut, numerateur=str(v))
        for n, v, statut in ((1, 10, "definitif"), (2, 7, "provisoire"))
    ]
    bilan = build_bilan(2025, LecteurDuBilan("Var", "caf", publie=False), cases, DICTIONNAIRE, 5)
    assert "10 personnes ont été appelées" in read(bilan)
    assert "Peuvent encore changer, et ne sont pas comptés : février 2025." in read(bilan)


def test_what_is_published_shows_a_small_count_as_such_no_rate_over_few_and_nothing_that_is_not_public() -> (
    None
):
    fin = Mois(2025, 12)
    cases = [
        make_case(code, fin, None, statut, numerateur=n, denominateur=d)
        for code, statut, n, d in (
            ("personnes_appelees", "publie", "15", None),
            ("rendez_vous_honores", "petit", "0", None),
            ("taux_transformation_sur_appeles", "trop_peu", "0", "15"),
            ("taux_transformation_sur_joints", "trop_peu", "0", "10"),
        )
    ]
    cases = [Case(c.valeur._replace(periode="annee"), c.statut) for c in cases]
    bilan = build_bilan(2025, LecteurDuBilan("Var", "caf", True, 20), cases, DICTIONNAIRE, 5)
    texte = read(bilan)
    assert texte.startswith(
        "En 2025, 15 personnes ont été appelées par la Cpam ; 0 à 4 rendez-vous ont été honorés."
    )
    assert (
        "Trop peu de personnes pour une part : « Taux de transformation sur les personnes appelées »."
        in texte
    )
    assert "Non publié : « Taux de transformation sur les personnes jointes »" in texte
    assert "%" not in texte


def test_every_figure_leads_to_its_definition_in_the_page_and_in_the_document() -> None:
    comptes = {"cibles": 111, "contactables": 79, "personnes_appelees": 79, "rdv_honores": 15}
    bilan = write(2023, give("2023-01", "2023-12", "831", "831", **comptes), "caf", "831")
    for paragraphe in bilan.paragraphes:
        for t in paragraphe:
            assert t.lien or not re.search(r"(?<!En )(?<!\d)\d", t.texte), t
    page = write_page(bilan).decode()
    liens = re.findall(r'href="#(\w+)"', page)
    assert len(liens) == 5
    assert set(liens) == set(re.findall(r'dt id="(\w+)"', page))
    octets = write_document(bilan)
    assert octets == write_document(bilan)
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        racine = ElementTree.fromstring(archive.read("word/document.xml"))
    assert [h.get(f"{W}anchor") for h in racine.iter(f"{W}hyperlink")] == liens
    assert {b.get(f"{W}name") for b in racine.iter(f"{W}bookmarkStart")} == set(liens)


def test_the_command_writes_the_year_of_a_caf_and_refuses_one_that_has_no_figure(
    entrepot: Connection, monkeypatch: pytest.MonkeyPatch, dsn_role: Callable[[str], str], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    entrepot.execute(text("SET ROLE av_etl"))
    entrepot.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, code_cpam, mesure, modalite, valeur)"
            " VALUES ('2025-06', '831', '831', 'retour_mensuel', 'personnes_appelees', 9),"
            " ('2025-06', '721', '721', 'retour_mensuel', 'personnes_appelees', 3),"
            " ('2025-06', '061', '061', 'retour_mensuel', 'personnes_appelees', 50)"
        )
    )
    compute_indicateurs(entrepot, [Mois(2025, 6)], DICTIONNAIRE, 5)
    entrepot.commit()
    monkeypatch.setenv("AIRFLOW_CONN_AV_PILOTAGE", dsn_role("av_pilotage"))
    assert main(["bilan", "--annee", "2025", "--caf", "831", "--sortie", str(tmp_path)]) == 0
    assert sorted(f.name for f in tmp_path.iterdir()) == [
        "bilan_2025_caf_831.docx",
        "bilan_2025_caf_831.html",
    ]
    page = (tmp_path / "bilan_2025_caf_831.html").read_text(encoding="utf-8")
    assert '<a href="#personnes_appelees">9</a> personnes ont été appelées' in page
    # A group adds up its Cpam, and no other's.
    assert main(["bilan", "--annee", "2025", "--groupe", "pilotes", "--sortie", str(tmp_path)]) == 0
    page = (tmp_path / "bilan_2025_groupe_pilotes.html").read_text(encoding="utf-8")
    assert '<a href="#personnes_appelees">12</a> personnes ont été appelées' in page
    assert "Territoires pilotes" in page
    capsys.readouterr()
    assert main(["bilan", "--annee", "2025", "--publie"]) == 1
    assert "Rien n'est publié de 2025, nation." in capsys.readouterr().err
    assert main(["bilan", "--annee", "2025", "--caf", "999"]) == 1
    assert "ne connaît pas 999" in capsys.readouterr().err


def test_the_reports_of_december_come_with_the_text_of_the_year_and_no_other_month_s_do(
    entrepot: Connection, tmp_path: Path
) -> None:
    entrepot.execute(text("SET ROLE av_etl"))
    for mois in (Mois(2025, 11), Mois(2025, 12)):
        entrepot.execute(
            text(
                "INSERT INTO marts.mesure (mois, code_caf, code_cpam, mesure, modalite, valeur)"
                " VALUES (:m, '831', '831', 'retour_mensuel', 'personnes_appelees', 6)"
            ),
            {"m": str(mois)},
        )
        compute_indicateurs(entrepot, [mois], DICTIONNAIRE, 5)
        sources = read_sources(entrepot, mois, DICTIONNAIRE, (), Reglages())
        write_rapports(Partage(tmp_path.as_uri()), sources, "national", "cpam")
    bilans = {
        str(f.relative_to(tmp_path))
        for f in tmp_path.rglob("bilan_*.docx")
        if "831" in str(f) or "FR" in str(f)
    }
    assert bilans == {
        "national/rapports/2025-12/bilan_2025_national_FR.docx", "831/rapports/2025-12/bilan_2025_caf_831.docx",
        "cpam/831/rapports/2025-12/bilan_2025_cpam_831.docx",
    }  # fmt: skip
    page = (tmp_path / "831/rapports/2025-12/bilan_2025_caf_831.html").read_text(encoding="utf-8")
    assert '<a href="#personnes_appelees">12</a> personnes ont été appelées' in page
