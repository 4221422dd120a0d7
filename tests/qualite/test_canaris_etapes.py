"""Canary persons through the steps of the request, the lots and the decisions, up to the form: found nowhere."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
import xlsxwriter
from airflow.sdk.exceptions import AirflowFailException
from lots_exemples import Depot
from requete_exemples import load_net
from serveurs import mark_racine
from sqlalchemy import Connection

from aller_vers.lots import relecture
from aller_vers.lots.contenu import Contenu, load_contenu
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow import contexte
from aller_vers_airflow.etapes import decisions_lots, depots_caf, requete_nationale
from canaris import ADRESSE, CANARI, NUMERO, NUMERO_NET, find_traces, keep_resultats, read_tables

RETENUS: list[dict[str, str | None]] = [
    CANARI | {"id_personne": ADRESSE, "date_dernier_depot": NUMERO},
    CANARI | {"opposition_contact": ADRESSE},
]
TRANSMIS = CANARI | {"code_caf": "061", "code_caf_gestionnaire": "061", "code_postal_net": "06000"}
ENTETE = ("courriel", "telephone", "code_postal")


def make_classeur(*rangees: tuple[Any, ...], entete: tuple[str, ...] = ENTETE) -> bytes:
    tampon = io.BytesIO()
    with xlsxwriter.Workbook(tampon) as classeur:
        feuille, jour = classeur.add_worksheet(), classeur.add_format({"num_format": "dd/mm/yyyy"})
        for numero, rangee in enumerate((entete, *rangees)):
            for rang, valeur in enumerate(rangee):
                feuille.write(numero, rang, valeur, None if isinstance(valeur, str) else jour)
    return tampon.getvalue()


def forge(octets: bytes) -> Callable[[Depot], None]:
    """Put another workbook into the lot, and its sum into the manifest: only its content tells."""

    def change(depot: Depot) -> None:
        chemin = depot.lot(caf="061") / "manifeste.json"
        manifeste = json.loads(chemin.read_bytes())
        fichier = manifeste["fichiers"][0]
        fichier.update(octets=len(octets), sha256=hashlib.sha256(octets).hexdigest())
        (chemin.parent / fichier["nom"]).write_bytes(octets)
        chemin.write_text(json.dumps(manifeste))

    return change


def rewrite_manifeste(**champs: object) -> Callable[[Depot], None]:
    def change(depot: Depot) -> None:
        chemin = depot.lot(caf="061") / "manifeste.json"
        chemin.write_text(json.dumps({**json.loads(chemin.read_bytes()), **champs}))

    return change


def add_fichier(depot: Depot) -> None:
    (depot.lot(caf="061") / f"{ADRESSE} {NUMERO}.xlsx").write_bytes(ADRESSE.encode())
    (depot.lot(caf="061") / "LISEZMOI.txt").write_text(ADRESSE)


def send_to_another(depot: Depot) -> None:
    depot.run("UPDATE core.demandeur SET code_caf = '831' WHERE code_caf = '061'")


JUSTE = (ADRESSE, NUMERO_NET, "06000")
DOMMAGES: dict[str, Callable[[Depot], None]] = {
    "fichier_altere": add_fichier,
    "manifeste_illisible": rewrite_manifeste(format=ADRESSE, lignes=NUMERO),
    "registre_different": rewrite_manifeste(identite=ADRESSE),
    "fichier_illisible": forge(ADRESSE.encode()),
    "colonnes_inexactes": forge(make_classeur(JUSTE, entete=(ADRESSE, NUMERO, "code_postal"))),
    "cellules_evaluables": forge(make_classeur((f'="{ADRESSE}"', int(NUMERO), f"=CONCAT({NUMERO})"))),
    "ligne_sans_contact": forge(make_classeur(JUSTE, ("", "", ADRESSE))),
    "lignes_inconnues": forge(make_classeur(JUSTE, (f"autre.{ADRESSE}", NUMERO_NET, NUMERO))),
    "lignes_autre_caf": send_to_another,
}


class Traversee:
    """A run of the steps: what each returned or raised, as Airflow keeps it."""

    def __init__(self, depot: Depot) -> None:
        self.depot, self.dits = depot, [""]

    def run(self, etape: Callable[..., Any], *arguments: Any) -> Any:
        rendu = etape(*arguments)
        self.dits.append(repr(rendu))
        return rendu

    def fail(self, etape: Callable[..., Any]) -> str:
        with pytest.raises(AirflowFailException) as refus:
            etape()
        self.dits.append(f"{refus.value!r} {refus.value.__cause__} {refus.value.__context__}")
        return self.dits[-1]


@pytest.fixture
def traversee(
    dsn_role: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Traversee]:
    """Give a network of two Caf, canaries in both, and the steps on Airflow's connections."""
    depot = Depot(dsn_role("av_etl"), tmp_path / "partage")
    depot.racine.mkdir()
    mark_racine(depot.racine)
    depot.run("DELETE FROM marts.caf WHERE code_caf NOT IN ('061', '831')")
    with depot.connect() as entrepot:
        autres = [{"code_caf": "061", "code_caf_gestionnaire": "061", "code_postal_net": "06000"}] * 12
        load_net(entrepot, *RETENUS, TRANSMIS, *autres)
        entrepot.commit()
    monkeypatch.setenv("AV_CLE_IDENTITE", "c" * 32)
    load_reglages.cache_clear()
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", depot.dsn)
    monkeypatch.setenv("AIRFLOW_CONN_AV_QUALITE", dsn_role("av_qualite"))
    monkeypatch.setenv(
        "AIRFLOW_CONN_AV_PARTAGE",
        json.dumps({"conn_type": "generic", "extra": {"url": f"file://{depot.racine}"}}),
    )
    run = SimpleNamespace(partition_key="2025-06", run_id="r1", run_type="manual", dag_id="requete_nationale")
    faux: dict[str, Any] = {"dag_run": run, "params": {"mois": "2025-06", "depot": "oui"}}
    for module in (contexte, requete_nationale, depots_caf, decisions_lots):
        monkeypatch.setattr(module, "get_current_context", lambda: faux)
    faux["params"]["caf"] = ["061", "831"]
    traversee = Traversee(depot)
    traversee.run(requete_nationale.judge_requete.function)
    traversee.run(requete_nationale.publish_core.function)
    for code in traversee.run(depots_caf.list_lots.function):
        traversee.run(depots_caf.write_lot.function, code)
    faux["params"]["caf"] = "831"
    yield traversee
    load_reglages.cache_clear()


@pytest.mark.parametrize(
    ("erreur", "constat"),
    [
        (RuntimeError(ADRESSE), "Erreur imprévue : RuntimeError"),
        (psycopg.OperationalError(ADRESSE), "La base de la connexion av_entrepot a refusé une instruction"),
    ],
)
def test_a_lot_of_a_group_that_cannot_be_read_back_is_named_and_read_by_the_next_try(
    traversee: Traversee, monkeypatch: pytest.MonkeyPatch, erreur: Exception, constat: str
) -> None:
    def fail_once(entrepot: Connection, mois: Mois, code_caf: str) -> Contenu:
        if code_caf == "061":
            raise erreur
        return load_contenu(entrepot, mois, code_caf)

    traversee.depot.run("DELETE FROM dq.profil_depots")
    with monkeypatch.context() as panne:
        panne.setattr(relecture, "load_contenu", fail_once)
        with pytest.raises(ErreurAllerVers, match=f"^1 Caf sur 2 en échec. 061 : {constat}") as refus:
            depots_caf.write_lot.function(["061", "831"])
    assert ADRESSE not in f"{refus.value!r} {refus.value.__cause__}"
    lots = traversee.run(depots_caf.write_lot.function, ["061", "831"])
    assert [lot["etat"] for lot in lots] == ["inchange", "retenu"], (
        "the ledger keeps them, whatever reading finds"
    )
    assert traversee.run(depots_caf.check_lots.function) == {"conforme": 2, "avertissement": 0, "retenu": 0}


def test_nothing_of_a_canary_leaves_staging_core_and_its_own_lot(
    traversee: Traversee,
    entrepot: Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    recwarn: pytest.WarningsRecorder,
    tmp_path: Path,
) -> None:
    depot = traversee.depot
    resultats = keep_resultats(monkeypatch)
    caplog.set_level(logging.DEBUG)
    relus = depot.run("SELECT code_caf FROM dq.profil_depots ORDER BY code_caf")
    assert relus == [("061",), ("831",)], "by the task that wrote them"
    assert traversee.run(depots_caf.check_lots.function) == {"conforme": 2, "avertissement": 0, "retenu": 0}
    [question] = traversee.run(depots_caf.list_questions.function)
    formulaire = traversee.run(decisions_lots.read_lot.function)
    assert question["conf"]["caf"] == "831"
    assert {"format_inattendu", "opposition_inconnue"} <= set(formulaire["regles"])
    shutil.copytree(depot.racine, tmp_path / "intact")
    for regle, dommage in DOMMAGES.items():
        dommage(depot)  # after it was read, and judged: cleared alone, the task reads again
        assert f"061 ({regle})" in traversee.fail(depots_caf.check_lots.function)
        shutil.rmtree(depot.racine)
        shutil.copytree(tmp_path / "intact", depot.racine)
    assert find_traces(read_tables(entrepot, "core")) != [], "the canary is where it has to be"
    tables = read_tables(entrepot, "dq", "suivi", "marts", "diffusion")
    assert len(resultats) > 20
    assert '"success": false' in "".join(resultats)
    assert "ensemble" in tables
    assert "relecture des lots" in tables
    contenus = {
        "results": "".join(resultats),
        "returned or raised": "".join(traversee.dits),
        "tables and notices": tables,
        "logs": caplog.text + "".join(capfd.readouterr()),
        "warnings": "".join(str(w.message) for w in recwarn),
    }
    assert {nom: trouves for nom, contenu in contenus.items() if (trouves := find_traces(contenu))} == {}
