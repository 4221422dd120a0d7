"""The same lots on every kind of share, whatever interrupts their writing."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from coupure import relaying
from lots_exemples import CLAIRE, JUIN, MAINTENANT, PAUL, ZOE, Depot, make_reglages
from serveurs import SERVEURS, Serveur, give

from aller_vers.lots.depot import write_lot
from aller_vers.lots.relecture import check_lots
from aller_vers.partage.partage import Partage
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.suivi.trace import verify_trace
from mort_subite import run_killed

PREMIER = [(1, "prepare"), (1, "depose")]
SECOND = [*PREMIER, (2, "prepare"), (2, "depose"), (1, "remplace")]
LOTS = {"831": [CLAIRE, PAUL, ZOE], "061": [], "051": [("a@example.org", None, "05000")]}
NUMERO = iter(range(10**6))


def new_share(serveur: Serveur) -> Serveur:
    """Return an empty share of this server."""
    nom = f"essai{next(NUMERO)}"
    if serveur.racine is not None:
        (serveur.racine / nom).mkdir()
        give(serveur.racine / nom)
    return replace(
        serveur, adresse=f"{serveur.adresse}/{nom}", racine=serveur.racine and serveur.racine / nom
    )


def open_share(serveur: Serveur) -> Partage:
    return Partage(serveur.adresse, serveur.options)


@cache
def make_client(adresse: str, compte: str, secret: str) -> Any:
    return boto3.client(
        "s3", endpoint_url=adresse, region_name="us-east-1",
        aws_access_key_id=compte, aws_secret_access_key=secret,
    )  # fmt: skip


def read_share(serveur: Serveur, caf: str = "") -> dict[str, bytes]:
    """Return every file, or those of a Caf, not as the project reads it: from the server's disk, or by S3's client."""
    if serveur.racine is not None:
        return {
            str(f.relative_to(serveur.racine)): f.read_bytes()
            for f in (serveur.racine / caf).rglob("*")
            if f.is_file()
        }
    seau, prefixe = urlsplit(serveur.adresse).netloc, urlsplit(serveur.adresse).path.strip("/")
    client = make_client(*(serveur.options[nom] for nom in ("endpoint_url", "username", "password")))
    dossier = f"{prefixe}/{caf}/" if caf else f"{prefixe}/"
    objets = client.list_objects_v2(Bucket=seau, Prefix=dossier).get("Contents", [])
    return {
        objet["Key"].removeprefix(f"{prefixe}/"): client.get_object(Bucket=seau, Key=objet["Key"])[
            "Body"
        ].read()
        for objet in objets
    }


def read_lot(serveur: Serveur, caf: str) -> int | None:
    """Return the newest version with a manifest, as a Caf's own tool sees it; fails if it is not complete."""
    fichiers = read_share(serveur, caf)
    versions = [
        int(trouve[1])
        for nom in fichiers
        if (trouve := re.fullmatch(rf"{caf}/2025-06/v(\d+)/manifeste\.json", nom))
    ]
    if not versions:
        return None
    dossier = f"{caf}/2025-06/v{max(versions)}"
    for fichier in json.loads(fichiers[f"{dossier}/manifeste.json"])["fichiers"]:
        octets = fichiers[f"{dossier}/{fichier['nom']}"]
        assert hashlib.sha256(octets).hexdigest() == fichier["sha256"]
    return max(versions)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the paths that are written to from now on."""
    ecrits: list[str] = []

    def count(acte: Any) -> Any:
        def act(partage: Partage, chemin: str, *suite: Any, **options: Any) -> None:
            ecrits.append(chemin)
            acte(partage, chemin, *suite, **options)

        return act

    for nom in ("write", "write_aside", "remove", "move", "remove_dossier"):
        monkeypatch.setattr(Partage, nom, count(getattr(Partage, nom)))
    return ecrits


def test_the_same_month_is_the_same_bytes_on_the_four_shares(
    depot: Depot, serveur_commun: Callable[[str], Serveur], counted: list[str]
) -> None:
    depot.publish(LOTS)
    serveurs = [Serveur(f"file://{depot.racine}", {}, depot.racine)]
    serveurs += [new_share(serveur_commun(protocole)) for protocole in SERVEURS]
    vus = []
    for serveur in serveurs:
        depot.partage = open_share(serveur)
        for caf in LOTS:
            depot.write(caf)
        vus.append(read_share(serveur))
        counted.clear()
        depot.partage = open_share(serveur)
        assert [depot.write(caf).etat for caf in LOTS] == ["inchange"] * len(LOTS)
        assert counted == [], "a second drop writes nothing"
        assert read_share(serveur) == vus[-1]
        depot.run("DELETE FROM marts.caf WHERE code_caf NOT IN ('831', '061', '051')")
        with depot.connect() as entrepot:
            assert check_lots(entrepot, depot.partage, JUIN).manquements == ()
    assert len(vus[0]) == sum(4 + bool(personnes) for personnes in LOTS.values())
    for vu in vus[1:]:
        assert {nom for nom in {*vu, *vus[0]} if vu.get(nom) != vus[0].get(nom)} == set()
    assert {caf: depot.journal(caf) for caf in ("831", "051")} == {"831": PREMIER, "051": PREMIER}
    depot.publish({**LOTS, "831": [PAUL, ZOE]}, run_id="r2")
    for serveur, avant in zip(serveurs, vus, strict=True):
        depot.partage = open_share(serveur)
        for caf in LOTS:
            depot.write(caf)
        apres = read_share(serveur)
        change = {nom for nom in {*avant, *apres} if avant.get(nom) != apres.get(nom)}
        assert {nom.split("/")[0] for nom in change} == {"831"}, "one objection changes exactly one lot"
        assert "831/2025-06/v1/PA_831_202506_v1.xlsx" not in apres
        assert read_lot(serveur, "831") == 2


def write_killed(depot: Depot, serveur: Serveur, caf: str, point: int) -> bool:
    """Acts: writing a file, its renaming once it is written, removing one; and the commit."""

    def write(act: Callable[[], None]) -> None:
        def die(acte: Callable[..., Any]) -> Callable[..., Any]:
            def do(*arguments: Any) -> Any:
                act()
                return acte(*arguments)

            return do

        partage = open_share(serveur)
        support: Any = partage._support
        for nom in ("write", "remove", "_rename", "_replace"):
            if hasattr(support, nom):
                setattr(support, nom, die(getattr(support, nom)))
        with depot.connect() as entrepot:
            write_lot(entrepot, partage, make_reglages(), JUIN, caf, MAINTENANT)
            die(entrepot.commit)()

    return run_killed(point, write)


# A disk renames as SMB does: tests/partage sees it write half a file, test_interruption.py the order of the acts.
@pytest.mark.parametrize("protocole", ["sftp", "s3"])
def test_a_second_version_killed_at_every_act_is_completed_by_the_next_run(
    depot: Depot, serveur_commun: Callable[[str], Serveur], protocole: str
) -> None:
    serveur = new_share(serveur_commun(protocole))
    codes = [ligne[0] for ligne in depot.run("SELECT code_caf FROM marts.caf ORDER BY 1 LIMIT 20")]
    direct = open_share(serveur)
    depot.publish({caf: [CLAIRE] for caf in codes})
    depot.partage = direct
    vus: set[int | None] = set()
    for point, caf in enumerate(codes, start=1):
        depot.run("UPDATE core.demandeur SET courriel = :c WHERE code_caf = :caf", c=CLAIRE[0], caf=caf)
        depot.write(caf)
        depot.run("UPDATE core.demandeur SET courriel = :c WHERE code_caf = :caf", c=PAUL[0], caf=caf)
        mort = write_killed(depot, serveur, caf, point)
        vus.add(read_lot(serveur, caf))
        depot.write(caf)
        assert read_lot(serveur, caf) == 2
        assert depot.journal(caf) == SECOND
        noms = {nom.rpartition("/")[2] for nom in read_share(serveur, caf)}
        assert not {nom for nom in noms if nom.startswith(".partiel") or nom.endswith("_v1.xlsx")}
        if not mort:
            assert point > 7
            assert vus == {1, 2}
            break
    else:
        pytest.fail("the drop never survived")
    with depot.connect() as entrepot:
        assert verify_trace(entrepot) == []


def write_refused(depot: Depot, caf: str) -> ErreurAllerVers | None:
    try:
        depot.write(caf)
    except ErreurAllerVers as refus:
        return refus
    return None


def through(serveur: Serveur, port: int) -> Serveur:
    """Return the same share through another port of 127.0.0.1."""
    ancien = urlsplit(serveur.options.get("endpoint_url") or serveur.adresse).port
    options = {
        nom: valeur.replace(f":{ancien}", f":{port}") if isinstance(valeur, str) else valeur
        for nom, valeur in serveur.options.items()
    }
    return replace(serveur, adresse=serveur.adresse.replace(f":{ancien}", f":{port}"), options=options)


@pytest.mark.parametrize(("protocole", "points"), [("sftp", 9), ("smb", 9), ("s3", 5)])
def test_a_share_that_goes_in_the_middle_of_a_drop_gets_the_whole_lot_the_next_time(
    depot: Depot, serveur_commun: Callable[[str], Serveur], protocole: str, points: int
) -> None:
    serveur = new_share(serveur_commun(protocole))
    port = urlsplit(serveur.options.get("endpoint_url") or serveur.adresse).port
    assert port
    codes = [ligne[0] for ligne in depot.run("SELECT code_caf FROM marts.caf ORDER BY 1 LIMIT 12")]
    depot.publish({caf: [CLAIRE, PAUL] for caf in codes})
    with relaying(port) as fil:
        depot.partage = open_share(through(serveur, fil.port))
        depot.write(codes[0])
        total = fil.passes
    coupes = 0
    for rang, caf in enumerate(codes[1 : points + 1], start=1):
        with relaying(port, total * rang // (points + 1)) as fil:
            depot.partage = open_share(through(serveur, fil.port))
            refus = write_refused(depot, caf)
            if refus is not None:
                coupes += 1
                assert refus.passagere
                assert "est injoignable" in str(refus)
                assert depot.journal(caf) == [], "the ledger says nothing of what did not end"
        assert read_lot(serveur, caf) in (None, 1)
        depot.partage = open_share(serveur)
        depot.write(caf)
        assert read_lot(serveur, caf) == 1
        assert depot.journal(caf) == PREMIER
        assert not [nom for nom in read_share(serveur, caf) if ".partiel" in nom]
    assert coupes >= points - 2
    with depot.connect() as entrepot:
        assert verify_trace(entrepot) == []
