"""« Trace » and « Qualité » as the officer and the team read them: chains, exports, certificates, register, derogations."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import psycopg
import pytest
from jeu_pilotage import CERTIFICAT, MOIS, TRANSMISE, alter_ledger
from openpyxl import load_workbook
from serveur_page import Page
from sqlalchemy import Connection

from aller_vers.lots.fiche_de_registre import build_classeur, build_fiche
from aller_vers.pilotage.qualite import load_derogations_lues
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages


def read(page: Page, chemin: str, compte: str = "lectrice") -> str:
    with page.open(compte) as client:
        reponse = client.get(f"/pilotage/{chemin}")
    assert reponse.status_code == 200, reponse.text
    return reponse.text


def test_the_page_says_that_the_chains_hold_then_where_one_was_broken(page: Page) -> None:
    assert "Toutes les chaînes sont intactes" in read(page, "trace")
    numero = alter_ledger(page.dsn)
    try:
        texte = read(page, "trace?verifier=1")
        assert "La trace a été altérée" in texte
        assert f"événement {numero} (depose) a été altéré" in texte
        assert "intactes" not in texte
    finally:
        with psycopg.connect(page.dsn, autocommit=True) as connexion:
            connexion.execute("SET session_replication_role = replica")
            connexion.execute("UPDATE suivi.evenement SET acteur = 'depots_caf' WHERE id = %s", (numero,))
    # What was found broken is looked at again each time; what was found whole, every five minutes.
    assert "Toutes les chaînes sont intactes" in read(page, "trace")


def test_a_lot_is_found_by_its_month_its_caf_and_its_version(page: Page) -> None:
    texte = read(page, f"trace?periode={MOIS[1]}&caf={TRANSMISE}&version=2")
    assert "1 événement." in texte
    assert "<td>Dépôt des lots aux Caf</td>" in texte, "a DAG has the name that Airflow shows"
    assert "correction à la source" in texte
    assert "premier dépôt" not in texte


def test_an_export_holds_every_event_and_what_its_hash_seals(page: Page) -> None:
    with psycopg.connect(page.dsn) as connexion:
        [(nombre,)] = connexion.execute("SELECT count(*) FROM suivi.evenement").fetchall()
    assert nombre > 300  # more than the screen shows
    evenements = json.loads(read(page, "trace.json"))
    assert len(evenements) == nombre
    [certificat] = [e for e in evenements if e["id"] == CERTIFICAT]
    assert certificat["preuve"]["reste"] == 0
    assert {len(e["hash"]) for e in evenements} == {64}
    lignes = list(csv.DictReader(io.StringIO(read(page, "trace.csv").removeprefix("\ufeff")), delimiter=";"))
    assert [ligne["hash"] for ligne in lignes] == [e["hash"] for e in evenements]
    restreint = json.loads(read(page, f"trace.json?periode={MOIS[1]}&caf={TRANSMISE}&version=2"))
    assert [(e["mois"], e["code_caf"], e["version"]) for e in restreint] == [(MOIS[1], TRANSMISE, 2)]


def test_a_certificate_is_found_read_and_taken_away(page: Page) -> None:
    liste = read(page, f"trace?caf={TRANSMISE}")
    assert f"/certificats/{CERTIFICAT}" in liste
    assert f"/certificats/{CERTIFICAT}" not in read(page, "trace?caf=591")
    texte = read(page, f"certificats/{CERTIFICAT}")
    for phrase in (
        "831 · Var, juin 2025",
        "14 dans <code>core.demandeur",
        "01/10/2025 à 07:00",
        "il n'en restait aucune",
        "✓ intacte",
    ):
        assert phrase in texte, phrase
    [preuve] = json.loads(read(page, f"certificats/{CERTIFICAT}/preuve.json"))
    assert (preuve["id"], preuve["preuve"]["lignes_detruites"]["core.demandeur"]) == (CERTIFICAT, 14)
    with page.open("lectrice") as client:
        reponse = client.get("/pilotage/certificats/1")  # an event that is no certificate
    assert reponse.status_code == 404
    assert "pas de certificat de destruction 1" in reponse.text


def test_what_the_cpam_certified_and_what_they_did_not_is_told(page: Page) -> None:
    texte = read(page, f"trace?periode={MOIS[0]}")
    var = texte.split("Destructions par les Cpam")[1].split("Registre des traitements")[0]
    assert "10/09/2025" in var
    assert "Non certifiée" in var
    assert "20/09/2025" in var  # what the Gironde's had to keep to


@pytest.mark.parametrize("code", ["nationale", "831"])
def test_a_register_sheet_is_read_and_downloaded_as_it_is_on_the_share(page: Page, code: str) -> None:
    texte = read(page, f"registre?caf={code}")
    fiche = build_fiche(code, load_reglages())
    assert fiche.titre.split(" (")[0].replace("'", "&#39;") in texte
    assert [titre for titre, _ in fiche.rubriques if titre.replace("'", "&#39;") not in texte] == []
    with page.open("lectrice") as client:
        reponse = client.get(f"/pilotage/registre.xlsx?caf={code}")
    assert reponse.content == build_classeur(fiche)
    assert load_workbook(io.BytesIO(reponse.content)).sheetnames == ["Fiche", "Conventions"]


def test_an_unknown_sheet_is_told(page: Page) -> None:
    with page.open("lectrice") as client:
        reponse = client.get("/pilotage/registre?caf=999")
    assert reponse.status_code == 400
    assert "Code de Caf inconnu : 999" in reponse.text


def show_qualite(pilotage: Connection, dossier: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the screen as a reader sees it on 16 September 2025 with these files of derogations."""
    from fastapi import Request

    from aller_vers_airflow.pilotage import ecran_qualite
    from aller_vers_airflow.pilotage.acces import Lecteur
    from aller_vers_airflow.pilotage.choix import ChoixMois

    monkeypatch.setattr(
        ecran_qualite,
        "load_derogations_lues",
        lambda p, mois, _: load_derogations_lues(p, mois, date(2025, 9, 16), dossier),
    )
    demande = Request(
        {"type": "http", "method": "GET", "path": "/qualite", "query_string": b"", "headers": []}
    )
    lecteur = Lecteur("lectrice", peut_decider=False, peut_transmettre=False)
    reponse = ecran_qualite.show_qualite(demande, lecteur, pilotage, ChoixMois(demande, pilotage, "2025-08"))
    return bytes(reponse.body).decode()


ENTREE = """\
  - regle: identite_dupliquee
    code_caf: "{code}"
    mois: "2025-08"
    limite: 4
    motif: {motif}
    par: Responsable national
    date: 2025-09-01
    expire_le: {expire}
"""


def test_derogations_in_force_and_expired_are_told_apart_with_what_they_changed(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(page.dsn, autocommit=True) as connexion:
        connexion.execute(
            "INSERT INTO dq.verdict (mois, gate, code_caf, regle, severite, verdict, nombre, run_id, rendu_le, derogation) "
            "VALUES ('2025-08', 'requete', '831', 'identite_dupliquee', 'info', 'conforme', 3, 'run-2025-08', "
            "'2025-09-01 06:00+00', 'jusqu''au 30/09/2025 : vu')"
        )
    fichier = tmp_path / "requete_nationale.yml"
    fichier.write_text(
        "derogations:\n"
        + ENTREE.format(code="831", motif="Deux dossiers distincts, vus avec la Caf.", expire="2025-09-30")
        + ENTREE.format(code="591", motif="Reprise de stock, vue avec la Caf.", expire="2025-09-15")
    )
    moteur = create_moteur(page.entrepot.grappe.dsn("entrepot", "av_pilotage", page.entrepot.secret))
    try:
        with moteur.connect() as pilotage:
            lues = load_derogations_lues(pilotage, Mois(2025, 8), date(2025, 9, 16), tmp_path)
            [active], [expiree] = lues.en_vigueur, lues.expirees
            assert (active.libelle, active.porte, str(active.mois)) == (
                load_caf()["831"].libelle, "Requête nationale", "2025-08",
            )  # fmt: skip
            assert active.explication.libelle == "La même personne figure plusieurs fois dans le mois"
            assert active.effet == "la règle est tenue pour conforme"
            assert (expiree.entree.code_caf, expiree.effet) == ("591", None)
            # The last day counts.
            assert (
                len(load_derogations_lues(pilotage, Mois(2025, 8), date(2025, 9, 15), tmp_path).en_vigueur)
                == 2
            )
            texte = show_qualite(pilotage, tmp_path, monkeypatch)
            en_vigueur, expirees = texte.split("Dérogations en vigueur (")[1].split("Expirées, sans effet")
            assert "La règle est tenue pour conforme" in en_vigueur
            assert "vus avec la Caf" in en_vigueur
            assert "Reprise de stock" not in en_vigueur
            assert "Reprise de stock" in expirees
            fichier.write_text("derogations:\n  - regle: inconnue\n")
            assert "est refusé" in show_qualite(pilotage, tmp_path, monkeypatch)
            [refus] = load_derogations_lues(pilotage, Mois(2025, 8), date(2025, 9, 16), tmp_path).refus
            assert "aucun lot n'est jugé" in refus.remede
    finally:
        moteur.dispose()
        with psycopg.connect(page.dsn, autocommit=True) as connexion:
            connexion.execute("DELETE FROM dq.verdict WHERE derogation IS NOT NULL")
