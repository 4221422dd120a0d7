"""The reports of a month on the share, and the open data set, from a real warehouse."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas
import pytest
from rapports_exemples import JUIN
from sqlalchemy import Connection, text

from aller_vers.diffusion.arrondi import Arrondi
from aller_vers.diffusion.publication import publish_diffusion, read_cases
from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.marts import compute_indicateurs
from aller_vers.indicateurs.modele import load_reseau
from aller_vers.partage.partage import Partage
from aller_vers.rapports import ecriture
from aller_vers.rapports.contenu import Figure
from aller_vers.rapports.ecriture import export_jeu, list_a_editer, write_rapports
from aller_vers.rapports.sources import read_sources
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import Reglages

ARRONDI = Arrondi(b"une clef pour les tests, longue de 32 octets et plus", 5, 20)
TYPES = {
    "string": r".*", "integer": r"-?\d+", "number": r"-?\d+(\.\d+)?", "yearmonth": r"\d{4}-\d{2}",
    "date": r"\d{4}-\d{2}-\d{2}",
}  # fmt: skip


@pytest.fixture
def entrepot_juin(entrepot: Connection) -> Connection:
    """Give a warehouse with June computed and published: the Var has three applicants, others forty."""
    entrepot.execute(text("SET ROLE av_etl"))
    lignes = []
    for code in load_caf():
        d = 3 if code == "831" else 40
        lignes += [
            {"caf": code, "mesure": "demandeurs", "modalite": "tous", "v": d},
            {"caf": code, "mesure": "contacts_utilisables", "modalite": "courriel", "v": d // 2},
            {"caf": code, "mesure": "contacts_utilisables", "modalite": "tous", "v": d},
        ]
    entrepot.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)"
            " VALUES ('2025-06', :caf, :mesure, :modalite, :v)"
        ),
        lignes,
    )
    dictionnaire = [i for i in load_dictionnaire() if i.mesures <= {"demandeurs", "contacts_utilisables"}]
    compute_indicateurs(entrepot, [JUIN], dictionnaire, 5)
    publish_diffusion(entrepot, dictionnaire, load_reseau(), ARRONDI, JUIN)
    return entrepot


def edit(entrepot: Connection, dossier: Path, **reglages: Any) -> dict[str, int]:
    partage = Partage(dossier.as_uri())
    cases = read_cases(entrepot, JUIN, JUIN)
    sources = read_sources(entrepot, JUIN, load_dictionnaire(), cases, Reglages(**reglages))
    export_jeu(entrepot, partage, sources, "national")
    return write_rapports(partage, sources, "national", "cpam")


def test_who_reads_opendocument_has_it_in_the_place_of_the_other_and_nobody_else(
    entrepot_juin: Connection, tmp_path: Path
) -> None:
    edit(entrepot_juin, tmp_path)
    edit(entrepot_juin, tmp_path, lecteurs_ods=("national", "831"))
    assert sorted(str(f.relative_to(tmp_path)) for f in tmp_path.rglob("*.ods")) == [
        "831/rapports/2025-06/rapport_831_202506.ods", "national/rapports/2025-06/rapport_national_202506.ods",
    ]  # fmt: skip
    xlsx = {f.name for f in tmp_path.rglob("rapport_*.xlsx")}
    assert xlsx == {f"rapport_{code}_202506.xlsx" for code in load_caf() if code != "831"}
    liste = json.loads((tmp_path / "831/rapports/2025-06/rapports.json").read_text())["fichiers"]
    assert set(liste) == {"rapport_831_202506.html", "rapport_831_202506.ods"}


def test_each_caf_finds_its_report_and_sees_its_own_small_figures_and_nobody_else_s(
    entrepot_juin: Connection, tmp_path: Path
) -> None:
    assert edit(entrepot_juin, tmp_path) == {"nation": 1, "caf": 101, "cpam": 0}
    dossier = tmp_path / "831" / "rapports" / "2025-06"
    assert sorted(f.name for f in dossier.iterdir()) == [
        "rapport_831_202506.html", "rapport_831_202506.xlsx", "rapports.json",
    ]  # fmt: skip
    page = (dossier / "rapport_831_202506.html").read_text(encoding="utf-8")
    [publie] = [
        c.valeur for c in read_cases(entrepot_juin, JUIN, JUIN)
        if (c.valeur.code, c.valeur.niveau) == ("taux_courriel_valide", "national")
    ]  # fmt: skip
    nation = Figure(publie.valeur, "").write("part")
    assert re.search(r"Demandeurs d&#39;AJPA ou d&#39;AJPP</th>.*?>3</td>", page, flags=re.DOTALL)
    # The nation, published: 2 001 of 4 003, each rounded. The Caf: counts, and no percentage of its month.
    [ligne] = re.findall(r"Demandeurs avec un courriel valide</th>(.*?)</tr>", page, flags=re.DOTALL)
    assert re.findall(r">(1 sur 3|5\d,\d\u202f%)<", ligne) == ["1 sur 3", "1 sur 3", nation]
    national = tmp_path / "national" / "rapports" / "2025-06" / "rapport_national_202506.html"
    assert "Homogénéité entre caisses" in national.read_text(encoding="utf-8")
    assert "Homogénéité" not in page
    liste = json.loads((dossier / "rapports.json").read_text())["fichiers"]
    for nom, empreinte in liste.items():
        assert hashlib.sha256((dossier / nom).read_bytes()).hexdigest() == empreinte


def test_the_same_month_again_writes_nothing(entrepot_juin: Connection, tmp_path: Path) -> None:
    edit(entrepot_juin, tmp_path)
    fichiers = [f for f in tmp_path.rglob("*") if f.is_file()]
    avant = {f: (f.stat().st_mtime_ns, f.read_bytes()) for f in fichiers}
    assert len(avant) > 200
    edit(entrepot_juin, tmp_path)
    assert {f: (f.stat().st_mtime_ns, f.read_bytes()) for f in tmp_path.rglob("*") if f.is_file()} == avant


def test_the_reports_to_write_are_those_whose_data_set_is_not_what_is_published(
    entrepot_juin: Connection, tmp_path: Path
) -> None:
    partage = Partage(tmp_path.as_uri())

    def find(mois: Mois) -> list[Mois]:
        return list_a_editer(entrepot_juin, partage, mois, "national")

    assert find(JUIN.shift(1)) == [JUIN]
    edit(entrepot_juin, tmp_path)
    assert find(JUIN.shift(1)) == find(JUIN) == []
    entrepot_juin.execute(
        text("UPDATE diffusion.indicateur SET numerateur = numerateur + 5 WHERE niveau = 'national'")
    )
    assert (find(JUIN.shift(1)), find(JUIN)) == ([JUIN], [])


def check_tableau(schema: dict[str, Any], octets: bytes) -> list[dict[str, str]]:
    """Read a table and hold it to its Table Schema: header, types, constraints, key."""
    lignes = list(csv.DictReader(io.StringIO(octets.decode(), newline="")))
    champs = schema["fields"]
    entete = octets.decode().splitlines()[0].split(",")
    assert entete == [c["name"] for c in champs]
    for ligne in lignes:
        for champ in champs:
            valeur, contraintes = ligne[champ["name"]], champ["constraints"]
            if valeur in schema["missingValues"]:
                assert not contraintes.get("required"), champ["name"]
                continue
            assert re.fullmatch(TYPES[champ["type"]], valeur), (champ["name"], valeur)
            assert valeur in contraintes.get("enum", [valeur])
            if "minimum" in contraintes:
                assert float(valeur) >= contraintes["minimum"]
            if "maximum" in contraintes:
                assert float(valeur) <= contraintes["maximum"]
    cles = [tuple(ligne[c] for c in schema["primaryKey"]) for ligne in lignes]
    assert len(set(cles)) == len(cles)
    return lignes


def test_the_open_data_set_is_what_its_data_package_says(entrepot_juin: Connection, tmp_path: Path) -> None:
    edit(entrepot_juin, tmp_path)
    dossier = tmp_path / "national" / "diffusion" / "2025-06"
    paquet = json.loads((dossier / "datapackage.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"[a-z0-9._-]+", paquet["name"])
    assert [r["name"] for r in paquet["resources"]] == ["indicateurs", "homogeneite", "dictionnaire"]
    tables = {}
    for ressource in paquet["resources"]:
        octets = (dossier / ressource["path"]).read_bytes()
        assert len(octets) == ressource["bytes"]
        assert f"sha256:{hashlib.sha256(octets).hexdigest()}" == ressource["hash"]
        tables[ressource["name"]] = check_tableau(ressource["schema"], octets)
    paca = {li["code"]: li for li in tables["indicateurs"] if li["territoire"] == "93"}
    assert paca["demandeurs"]["statut"] == "publie"
    assert int(paca["demandeurs"]["valeur"]) % 5 == 0
    assert paca["demandeurs"]["publie_le"] > "2025"
    assert {li["niveau"] for li in tables["indicateurs"]} == {"national", "region"}
    assert {li["code"] for li in tables["dictionnaire"]} >= set(paca)


def test_a_stranger_with_pandas_finds_why_a_figure_is_missing(
    entrepot_juin: Connection, tmp_path: Path
) -> None:
    edit(entrepot_juin, tmp_path)
    dossier = tmp_path / "national" / "diffusion" / "2025-06"
    paquet = json.loads((dossier / "datapackage.json").read_text(encoding="utf-8"))
    [ressource] = [r for r in paquet["resources"] if r["name"] == "indicateurs"]
    types = {c["name"]: "string" for c in ressource["schema"]["fields"] if c["type"] == "string"}
    table = pandas.read_csv(dossier / ressource["path"], dtype=types, encoding=ressource["encoding"])
    demandeurs = table[table["code"] == "demandeurs"].set_index("territoire")
    assert "01" in demandeurs.index  # its code kept its zero
    assert (demandeurs.loc[demandeurs["statut"] == "publie", "valeur"] % 5 == 0).all()
    # Nothing is missing without a word that says why.
    assert set(table.loc[table["valeur"].isna(), "statut"]) <= {
        "petit",
        "trop_peu",
        "non_fourni",
        "sans_objet",
    }


def test_the_complete_returns_of_a_cpam_lie_where_no_caf_reads(
    entrepot_juin: Connection, tmp_path: Path
) -> None:
    """The Var's Cpam gave three people: it sees them, and so does the Caf through which the return came."""
    entrepot_juin.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, code_cpam, mesure, modalite, valeur)"
            " VALUES ('2025-06', '831', '831', 'retour_mensuel', 'personnes_appelees', 3)"
        )
    )
    compute_indicateurs(entrepot_juin, [JUIN], load_dictionnaire(), 5)
    ancien = tmp_path / "831" / "rapports" / "2025-06" / "rapport_cpam831_202506.xlsx"
    ancien.parent.mkdir(parents=True)
    ancien.write_bytes(b"of another time")
    assert edit(entrepot_juin, tmp_path) == {"nation": 1, "caf": 101, "cpam": 1}
    assert sorted(f.parent.relative_to(tmp_path) for f in tmp_path.rglob("rapport_cpam*.xlsx")) == [
        Path("cpam/831/rapports/2025-06")
    ]

    def read(chemin: str) -> str:
        page = (tmp_path / chemin).read_text(encoding="utf-8")
        [cellule] = re.findall(
            r"Personnes appelées par la Cpam(?: <span[^>]*>[^<]*</span>)?</th>.*?<td class=\"n.*?>(.*?)</td>",
            page,
            re.DOTALL,
        )
        return str(cellule)

    assert read("cpam/831/rapports/2025-06/rapport_cpam831_202506.html") == "3"
    assert read("831/rapports/2025-06/rapport_831_202506.html") == "3"


def test_two_writers_at_once_leave_each_file_whole(
    entrepot_juin: Connection, dsn_role: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ecriture, "load_caf", lambda: {c: load_caf()[c] for c in ("011", "831", "974")})
    entrepot_juin.commit()
    for dossier in ("partage", "seul"):
        (tmp_path / dossier).mkdir()
    ensemble, moteur = threading.Barrier(4), create_moteur(dsn_role("av_etl"))

    def write(_: int) -> dict[str, int]:
        with moteur.connect() as entrepot:
            ensemble.wait()
            return edit(entrepot, tmp_path / "partage")

    with ThreadPoolExecutor(4) as fils:
        comptes = list(fils.map(write, range(4)))
    moteur.dispose()
    assert comptes == [{"nation": 1, "caf": 3, "cpam": 0}] * 4
    edit(entrepot_juin, tmp_path / "seul")
    ecrits = [
        {str(f.relative_to(dossier)): f.read_bytes() for f in dossier.rglob("*") if f.is_file()}
        for dossier in (tmp_path / "partage", tmp_path / "seul")
    ]
    assert len(ecrits[1]) > 10
    assert ecrits[0] == ecrits[1]
