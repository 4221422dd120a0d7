"""The evidence of a lot: what anybody verifies without the project, and what each hand that alters it leaves to be seen."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import random
import re
import subprocess
import venv
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from destruction_exemples import VIEILLIR
from lots_exemples import make_reglages
from sqlalchemy import Connection

from aller_vers.lots.etat import load_paroles
from aller_vers.lots.inscription import declare_depot
from aller_vers.lots.manifeste import Fichier, Manifeste
from aller_vers.rapports.dossier_de_preuve import SCHEMA, build_archive, load_preuve
from aller_vers.socle.calendrier import PARIS, is_jour_ouvre
from aller_vers.socle.erreurs import IntrouvableError
from aller_vers.socle.mois import Mois
from aller_vers.suivi.etats import ETATS, PREMIERS
from aller_vers.suivi.evenements import record_evenement
from aller_vers.suivi.trace import list_sceaux, seal, strike_motif
from commande import run_commande

OUTIL = Path(__file__).parents[2] / "outils" / "verifier_preuve.py"
JUIN = Mois(2025, 6)
MAINTENANT = datetime.now(UTC)
AUJOURD_HUI = MAINTENANT.astimezone(PARIS).date()
SECRETS = ("claire.referente", "Relu avec la Caf, conforme", "f" * 64, "a" * 64)
LOT: dict[str, Any] = {"mois": "2025-06", "code_caf": "831", "version": 1}

_spec = importlib.util.spec_from_file_location("verifier_preuve", OUTIL)
assert _spec
assert _spec.loader
outil = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(outil)


def make_manifeste() -> Manifeste:
    return Manifeste(
        mois="2025-06", code_caf="831", nom_caf="Var", version=1, remplace=None, motif="premier dépôt", lignes=12,
        identite="b" * 64, ecartes={"opposition": 2}, verdict="conforme", regles_en_avertissement=(),
        fichiers=(Fichier(nom="PA_831_202506_v1.xlsx", destinataire=None, lignes=12, octets=5000, sha256="f" * 64),),
        cree_le=MAINTENANT, purge_le=AUJOURD_HUI + timedelta(days=90), liberation=SECRETS[1],
    )  # fmt: skip


def say(entrepot: Connection, etat: str, cpam: str | None = None, **preuve: Any) -> None:
    record_evenement(entrepot, **LOT, etat=etat, acteur=SECRETS[0], code_cpam=cpam, preuve=preuve)  # type: ignore[arg-type]


@pytest.fixture
def lot(entrepot: Connection) -> Connection:
    """Give a warehouse with a lot dropped, sent, treated and destroyed everywhere, and a seal that holds it."""
    declare_depot(entrepot, make_manifeste(), [])
    jour = AUJOURD_HUI.isoformat()
    say(entrepot, "transmis", "831", date_transmission=jour, portail="bluefiles", lignes=12, reference="BF-1",
        jours_ouvres=0, dans_les_delais=True)  # fmt: skip
    say(entrepot, "traite", "831", date_fin_traitement=jour)
    say(entrepot, "detruit", "831", date_destruction=jour)
    record_evenement(
        entrepot,
        **LOT,
        etat="expire",
        acteur="purge",
        motif=SECRETS[1],
        preuve={"reste": 0, "execution": "r1"},
    )
    record_evenement(entrepot, **{**LOT, "code_caf": "061"}, etat="prepare", acteur="essai")
    seal(entrepot, MAINTENANT)
    entrepot.commit()
    return entrepot


def make(lot: Connection, *, anonyme: bool = False, apres: timedelta = timedelta()) -> bytes:
    return build_archive(load_preuve(lot, JUIN, "831", anonyme=anonyme), make_reglages(), MAINTENANT + apres)[
        0
    ]


def unpack(octets: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        return {nom: archive.read(nom) for nom in archive.namelist()}


def repack(fichiers: dict[str, bytes]) -> bytes:
    """Make the archive again as a hand that knows the house would: its index says what it now holds."""
    index = json.loads(fichiers["index.json"])
    index["fichiers"] = {n: sha256(o).hexdigest() for n, o in sorted(fichiers.items()) if n != "index.json"}
    index["sceau"] = sha256(fichiers["sceau.txt"]).hexdigest()
    del index["empreinte"]
    index["empreinte"] = sha256(outil.write_json(index)).hexdigest()
    octets: bytes = outil.pack({**fichiers, "index.json": outil.write_json(index)})
    return octets


def rechain(chaine: dict[str, Any]) -> None:
    """Give each event the hash of its text and of the one before, as the ledger would."""
    precedent = chaine["ancre"]["hash"]
    for e in chaine["evenements"]:
        champs = json.loads(e["scelle"])
        champs[8] = precedent
        e["scelle"] = json.dumps(champs, ensure_ascii=False)
        precedent = e["hash"] = sha256(e["scelle"].encode()).hexdigest()
    chaine["tete"], chaine["nombre"] = precedent, len(chaine["evenements"])


Main = Callable[[dict[str, Any]], None]


def change(octets: bytes, nom: str, main: Callable[[Any], Any]) -> bytes:
    fichiers = unpack(octets)
    contenu = json.loads(fichiers[nom])
    main(contenu)
    return repack({**fichiers, nom: outil.write_json(contenu)})


def change_date(chaine: dict[str, Any]) -> None:
    e = chaine["evenements"][2]
    e["scelle"] = e["scelle"].replace(AUJOURD_HUI.isoformat(), "2026-01-05")


def swap(chaine: dict[str, Any]) -> None:
    e = chaine["evenements"]
    e[3], e[4] = e[4], e[3]


def cut(chaine: dict[str, Any]) -> None:
    del chaine["evenements"][-1]
    rechain(chaine)


def rewrite(chaine: dict[str, Any]) -> None:
    change_date(chaine)
    rechain(chaine)


def replace_certificat(certificats: list[dict[str, Any]]) -> None:
    certificats[-1]["preuve"]["reste"] = 3


ALTERATIONS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "octet changé": (
        lambda o: outil.pack({n: x.replace(b"Envois aux", b"envois aux") for n, x in unpack(o).items()}),
        "octet changé : preuve.html"),
    "date changée": (lambda o: change(o, "chaine.json", change_date), r"événement altéré : l'événement \d+ \(transmis\)"),
    "date d'un accusé": (
        lambda o: change(o, "accuses.json", lambda a: a[0]["preuve"].update(date_transmission="2026-01-05")),
        "date changée : accuses.json .*date_transmission",
    ),
    "date récrite avec toute la chaîne": (lambda o: change(o, "chaine.json", rewrite), "histoire récrite"),
    "événement manquant": (lambda o: change(o, "chaine.json", lambda c: c["evenements"].pop(2)), "événement manquant"),
    "ordre changé": (lambda o: change(o, "chaine.json", swap), "ordre changé"),
    "fin coupée": (lambda o: change(o, "chaine.json", cut), r"fin coupée : le sceau connaît 6 événements, l'archive 5"),
    "sceau étranger": (
        lambda o: repack({**unpack(o), "sceau.txt": b"2025-06;831;6;6;" + b"0" * 64}), "sceau étranger"),
    "sceau d'un autre lot": (
        lambda o: repack({**unpack(o), "sceau.txt": b"2025-06;061;7;1;" + b"0" * 64}), "il ne tient pas la chaîne"),
    "certificat remplacé": (lambda o: change(o, "certificats.json", replace_certificat), "certificat remplacé : .*reste"),
    "certificat retiré": (lambda o: change(o, "certificats.json", lambda c: c.pop()), "certificat remplacé : .*ne dit plus"),
    "certificat ajouté": (lambda o: change(o, "certificats.json", lambda c: c.append({**c[0], "evenement": 99})), "n'a pas"),
    "manifeste remplacé": (
        lambda o: repack({n: x.replace(b'"lignes": 12', b'"lignes": 10') for n, x in unpack(o).items()}), "manifeste remplacé"),
    "manifeste retiré": (
        lambda o: repack({n: x for n, x in unpack(o).items() if "manifestes" not in n}), "manifeste manquant"),
    "motif récrit": (
        lambda o: repack({n: x.replace(b"Relu avec", b"Relu sans") for n, x in unpack(o).items()}), "le motif de"),
    "fichier ajouté": (lambda o: outil.pack({**unpack(o), "note.txt": b"x"}), "fichier ajouté : note.txt"),
}  # fmt: skip


def test_an_archive_that_nobody_touched_is_intact_and_tells_nobody(lot: Connection) -> None:
    octets, empreinte = build_archive(load_preuve(lot, JUIN, "831"), make_reglages(), MAINTENANT)
    [(_, sceau)] = list_sceaux(lot)
    constats = outil.verify(octets, sceau=sceau, empreinte=empreinte)
    assert (constats.alterations, constats.retards, constats.code()) == ([], [], 0)
    assert {"preuve.html", "index.json", "chaine.json", "sceau.txt", "accuses.json", "retours.json",
            "certificats.json", "FICHE_REGISTRE_831.xlsx"} < set(unpack(octets))  # fmt: skip
    [manifeste] = [o for n, o in unpack(octets).items() if n.startswith("manifestes/")]
    assert json.loads(manifeste)["fichiers"][0]["sha256"] is None
    assert b"f" * 64 not in octets, "the unkeyed hash of a person file would confirm a person"


def test_without_actors_nor_reasons_the_chain_still_verifies(lot: Connection) -> None:
    [(_, sceau)] = list_sceaux(lot)
    anonyme = make(lot, anonyme=True)
    assert outil.verify(anonyme, sceau=sceau).code() == 0
    assert not [s for s in SECRETS[:3] if s.encode() in anonyme or json.dumps(s).encode() in anonyme]
    assert all(s.encode() in make(lot) for s in SECRETS[:2])


@pytest.mark.parametrize("genre", ALTERATIONS)
def test_what_a_hand_alters_is_found_and_named(lot: Connection, genre: str) -> None:
    alterer, constat = ALTERATIONS[genre]
    octets = make(lot)
    altere = alterer(octets)
    assert altere != octets
    constats = outil.verify(altere)
    assert constats.code() == 1
    assert any(re.search(constat, a) for a in constats.alterations), constats.alterations


def test_an_archive_made_anew_whole_is_found_by_what_came_by_another_way(lot: Connection) -> None:
    [(_, sceau)] = list_sceaux(lot)
    avant = build_archive(load_preuve(lot, JUIN, "831"), make_reglages(), MAINTENANT)[1]
    lot.exec_driver_sql("UPDATE suivi.evenement SET acteur = 'autre' WHERE etat = 'traite'")
    lot.exec_driver_sql(VIEILLIR.replace("{age}", "0"))
    refaite = make(lot)
    assert outil.verify(refaite).code() == 0
    assert "reçu par courriel" in outil.verify(refaite, sceau=sceau).alterations[0]
    assert "archive étrangère" in outil.verify(refaite, empreinte=avant).alterations[0]


def test_no_single_change_passes(lot: Connection) -> None:
    octets = make(lot)
    hasard = random.Random(19)
    passees = []
    for _ in range(1500):
        lieu, geste = hasard.randrange(len(octets)), hasard.choice(["bit", "octet", "retrait", "ajout"])
        nouveau = bytes([octets[lieu] ^ 1 << hasard.randrange(8)] if geste == "bit" else
                        [(octets[lieu] + hasard.randrange(1, 256)) % 256] if geste == "octet" else
                        [] if geste == "retrait" else [octets[lieu], hasard.randrange(256)])  # fmt: skip
        altere = octets[:lieu] + nouveau + octets[lieu + 1 :]
        try:
            if altere != octets and outil.verify(altere).code() in (0, 3):
                passees.append((lieu, geste))
        except outil.Illisible:
            continue
    assert passees == []


def test_no_change_of_one_value_passes_though_the_index_is_made_again(lot: Connection) -> None:
    [(_, sceau)] = list_sceaux(lot)
    fichiers = unpack(make(lot))
    essais = 0
    for nom in sorted(n for n in fichiers if n.endswith((".json", ".txt")) and n != "index.json"):
        texte = fichiers[nom].decode()
        for trouve in re.finditer(r"[0-9a-zA-Z]+", texte):
            mot = trouve[0]
            autre = mot[:-1] + ("1" if mot[-1] != "1" else "2")
            altere = texte[: trouve.start()] + autre + texte[trouve.end() :]
            with contextlib.suppress(outil.Illisible):
                constats = outil.verify(repack({**fichiers, nom: altere.encode()}), sceau=sceau)
                assert constats.code() == 1, (nom, mot)
            essais += 1
    assert essais > 300


@pytest.mark.parametrize(
    ("etat", "preuve", "apres", "retard"),
    [
        (
            "transmis",
            {"date_transmission": "2027-03-01", "jours_ouvres": 0, "dans_les_delais": True},
            0,
            "jours ouvrés après le dépôt",
        ),
        ("detruit", {"date_destruction": "2027-03-01"}, 0, "détruit le 2027-03-01, dû le"),
    ],
)
def test_a_delay_that_was_not_kept_is_told(
    lot: Connection, etat: str, preuve: dict[str, Any], apres: int, retard: str
) -> None:
    say(lot, etat, "831", **preuve)
    constats = outil.verify(make(lot))
    assert constats.code() == 3
    assert retard in constats.retards[0]


def test_what_is_not_destroyed_in_time_is_told(entrepot: Connection) -> None:
    declare_depot(entrepot, make_manifeste(), [])
    say(entrepot, "transmis", "831", date_transmission=AUJOURD_HUI.isoformat(), jours_ouvres=0,
        dans_les_delais=True)  # fmt: skip
    say(entrepot, "traite", "831", date_fin_traitement=AUJOURD_HUI.isoformat())
    seal(entrepot, MAINTENANT)
    assert outil.verify(make(entrepot)).code() == 0
    [cpam, ici] = outil.verify(make(entrepot, apres=timedelta(days=120))).retards
    assert "pas certifiée" in cpam
    assert "Nos copies devaient être détruites" in ici


def test_a_state_out_of_order_is_told_and_what_no_seal_holds_has_no_evidence(entrepot: Connection) -> None:
    say(entrepot, "prepare")
    with pytest.raises(IntrouvableError, match="Aucun sceau ne tient encore"):
        load_preuve(entrepot, JUIN, "831")
    say(entrepot, "detruit", "831", date_destruction=AUJOURD_HUI.isoformat())
    seal(entrepot, MAINTENANT)
    assert any("ordre des états" in a for a in outil.verify(make(entrepot)).alterations)


def test_a_reason_struck_out_leaves_the_chain_whole_and_a_hand_that_takes_one_away_is_seen(
    lot: Connection,
) -> None:
    numero = lot.exec_driver_sql("SELECT id FROM suivi.evenement WHERE etat = 'expire'").scalar_one()
    avant = make(lot)
    assert strike_motif(lot, numero, "dpd")
    octets = make(lot)
    assert SECRETS[1].encode() not in b"".join(unpack(octets).values())
    assert "[raison rayée]" in unpack(octets)["preuve.html"].decode()
    constats = outil.verify(octets)
    assert constats.alterations == []
    assert any(f"La raison de l'événement {numero} (expire) a été rayée" in note for note in constats.notes)
    assert outil.verify(make(lot, anonyme=True)).alterations == []
    fichiers = unpack(avant)
    chaine = json.loads(fichiers["chaine.json"])
    [vise] = [e for e in chaine["evenements"] if e["id"] == numero]
    vise["texte_motif"] = None
    ote = outil.verify(repack({**fichiers, "chaine.json": outil.write_json(chaine)}))
    assert any("ôté sans que la chaîne le dise" in a for a in ote.alterations)


def test_what_follows_the_seal_is_told_apart(lot: Connection) -> None:
    say(lot, "detruit", "831", date_destruction=AUJOURD_HUI.isoformat(), apres=1)
    constats = outil.verify(make(lot))
    assert constats.code() == 0
    assert "que le prochain tiendra : 1." in constats.notes[0]


def test_a_chain_whose_beginning_is_purged_still_verifies(lot: Connection) -> None:
    lot.exec_driver_sql(VIEILLIR.replace("{age}", "37 months"))
    lot.exec_driver_sql("UPDATE suivi.sceau SET scelle_le = now()")
    say(lot, "detruit", "831", date_destruction=AUJOURD_HUI.isoformat(), apres=1)
    lot.exec_driver_sql("SELECT suivi.purger_trace(now() - interval '36 months')")
    preuve = load_preuve(lot, JUIN, "831")
    assert (preuve.ancre_nombre, len(preuve.maillons)) == (6, 1)
    assert outil.verify(make(lot)).alterations == []


def test_the_tool_knows_the_states_the_days_and_the_form_of_the_house() -> None:
    suites = {e: {s for s, dit in ETATS.items() if e in dit.suites} for e in ETATS}
    assert (suites, set(PREMIERS)) == (outil.PRECEDENTS, outil.PREMIERS)
    assert outil.SCHEMA == SCHEMA
    jours = [date(2024, 1, 1) + timedelta(days=n) for n in range(3650)]
    assert [j for j in jours if outil.is_ouvre(j) != is_jour_ouvre(j)] == []
    instants = [datetime(2026, 3, 28, 22, 30, tzinfo=UTC) + timedelta(hours=n) for n in range(24 * 230)]
    assert [i for i in instants if outil.paris(i) != i.astimezone(PARIS).date()] == []


def test_the_command_writes_it_and_a_bare_python_verifies_it(
    lot: Connection, dsn_role: Callable[[str], str], tmp_path: Path
) -> None:
    [(_, sceau)] = list_sceaux(lot)
    lot.rollback()
    nu = tmp_path / "nu"
    venv.create(nu, with_pip=False)
    ecrit = run_commande(
        "preuve", "--mois", "2025-06", "--sortie", str(tmp_path),
        env={"AIRFLOW_CONN_AV_PILOTAGE": dsn_role("av_pilotage")},
    )  # fmt: skip
    assert ecrit.returncode == 0, ecrit.stderr
    assert sorted(f.name for f in tmp_path.glob("*.zip")) == [
        "PREUVE_061_2025-06.zip",
        "PREUVE_831_2025-06.zip",
    ]
    archive = tmp_path / "PREUVE_831_2025-06.zip"
    empreinte = re.search(r"PREUVE_831_2025-06.zip : empreinte ([0-9a-f]{64})", ecrit.stdout)
    assert empreinte

    def verify(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(nu / "bin" / "python"), "-I", str(OUTIL), str(archive), *options],
            cwd=nu, env={"PYTHONIOENCODING": "utf-8"}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    bon = verify("--sceau", sceau, "--empreinte", empreinte[1])
    assert (bon.returncode, bon.stderr) == (0, ""), bon.stdout
    assert bon.stdout.endswith("INTACTE, délais tenus.\n")
    assert verify("--sceau", "0" * 64).returncode == 1
    archive.write_bytes(archive.read_bytes()[:-9])
    assert verify().stdout.startswith("ILLISIBLE")


def test_a_mending_that_changes_the_manifest_is_the_same_word(entrepot: Connection) -> None:
    manifeste = make_manifeste()
    assert declare_depot(entrepot, manifeste, []) == 0
    repare = manifeste.model_copy(update={"ecartes": {"opposition": 3}})
    assert declare_depot(entrepot, repare, load_paroles(entrepot, "2025-06", "831")) is None
    seal(entrepot, MAINTENANT)
    preuve = load_preuve(entrepot, JUIN, "831")
    assert [json.loads(m)["ecartes"] for m in preuve.manifestes.values()] == [{"opposition": 2}]
    assert outil.verify(make(entrepot)).code() == 0
