"""The mark of the share: nothing is done where it is not, on each kind of share and by each writer of the project."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection

from aller_vers.destruction.fichiers import purge_refuses
from aller_vers.destruction.preuve import prove_destructions
from aller_vers.lots.etat import remove_lot
from aller_vers.lots.fiche_de_registre import write_registres
from aller_vers.partage.marque import mark, recognise
from aller_vers.partage.partage import MARQUE, Partage
from aller_vers.partage.support import make_temporaire
from aller_vers.poste.installation import PROJET
from aller_vers.rapports.ecriture import write_fichiers
from aller_vers.retours import mesures_deposees, modeles
from aller_vers.retours.fichiers.conservation import purge_traites
from aller_vers.retours.fichiers.quarantaine import Quarantaine, purge_quarantaine
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.reglages import Reglages

ACTES: dict[str, Callable[[Partage], object]] = {
    "check": lambda p: p.check(),
    "read": lambda p: p.read("831/a"),
    "scan": lambda p: p.scan("831"),
    "write": lambda p: p.write("831/b", b"x"),
    "write_aside": lambda p: p.write_aside(f"831/{make_temporaire()}", b"x"),
    "move": lambda p: p.move("831/a", "831/b"),
    "remove": lambda p: p.remove("831/a"),
    "remove_dossier": lambda p: p.remove_dossier("831"),
    "remove_leftovers": lambda p: p.remove_leftovers("831"),
}
DEMAIN = datetime.now(UTC) + timedelta(days=1)
ECRIVAINS: dict[str, Callable[[Connection, Partage], object]] = {
    "registres": lambda e, p: write_registres(p, Reglages(), ["831"]),
    "modèles": lambda e, p: modeles.write_modeles(p, {"831": []}, date(2025, 7, 1), Reglages()),
    "mesures": lambda e, p: mesures_deposees.write_modeles(p, "mesures"),
    "rapports": lambda e, p: write_fichiers(p, "831/rapports/2025-06", {"a.html": b"x"}),
    "refusés": lambda e, p: purge_refuses(p, DEMAIN),
    "traités": lambda e, p: purge_traites(p, DEMAIN),
    "quarantaine": lambda e, p: purge_quarantaine(p, Quarantaine.of(Reglages()), DEMAIN),
    "lot": lambda e, p: remove_lot(p, "2025-06", "831"),
    "preuve": prove_destructions,
}


def test_no_act_is_done_where_the_mark_is_not(partage: Partage) -> None:
    partage.write("831/a", b"x")
    partage.write(MARQUE, json.dumps({"identite": "celle d'un autre"}).encode())
    perdu = replace(partage, identite="la bonne")
    for _ in range(2):
        for nom, acte in ACTES.items():
            with pytest.raises(ErreurAllerVers, match="ne porte pas sa marque") as refus:
                acte(perdu)
            assert refus.value.passagere, f"{nom}: a mount that is late comes by itself"
        partage.remove(MARQUE)  # a mount point without its mount has none at all
    assert (partage.list(""), partage.list("831")) == (("831",), ("a",))
    partage.write(MARQUE, json.dumps({"identite": "la bonne"}).encode())
    for acte in ACTES.values():
        partage.write("831/a", b"x")
        acte(replace(partage, identite="la bonne"))


@pytest.mark.parametrize("ecrivain", ECRIVAINS)
def test_no_writer_takes_a_mount_point_for_the_share(
    entrepot: Connection, tmp_path: Path, ecrivain: str
) -> None:
    with pytest.raises(ErreurAllerVers, match="ne porte pas sa marque"):
        ECRIVAINS[ecrivain](entrepot, recognise(entrepot, Partage(tmp_path.as_uri())))
    assert list(tmp_path.iterdir()) == []


def test_a_share_is_marked_once_taken_again_by_a_new_warehouse_and_replaced_only_by_a_person(
    base_entrepot: str, tmp_path: Path
) -> None:
    premier, second = Partage(str(tmp_path / "premier")), Partage(str(tmp_path / "second"))
    for partage in (premier, second):
        Path(partage.adresse).mkdir()
    moteur = create_moteur(base_entrepot)
    with moteur.begin() as entrepot:
        psycopg_forget(base_entrepot)
        with pytest.raises(ErreurAllerVers, match="ne connaît aucun partage"):
            recognise(entrepot, premier)
        identite = mark(entrepot, premier)
        assert identite == premier.read_marque() == recognise(entrepot, premier).identite
        assert mark(entrepot, premier) is None
        with pytest.raises(ErreurAllerVers, match="preparer --nouveau-partage"):
            mark(entrepot, second)
        assert second.list("") == ()
        autre = mark(entrepot, second, nouveau=True)
        assert autre not in (None, identite)
        assert recognise(entrepot, second).list("") == (MARQUE,)
        with pytest.raises(ErreurAllerVers, match="ne porte pas sa marque"):
            recognise(entrepot, premier).list("")
    psycopg_forget(base_entrepot)
    with moteur.begin() as entrepot:
        assert mark(entrepot, second) == autre, "an interruption, or a warehouse made anew"
    moteur.dispose()
    (tmp_path / "second" / MARQUE).write_text("[]")
    with pytest.raises(ErreurAllerVers, match="illisible"):
        second.read_marque()


def psycopg_forget(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connexion:
        connexion.execute("DELETE FROM suivi.partage")


def test_what_works_on_the_share_opens_it_where_the_mark_is_asked_for() -> None:
    """Who makes a ``Partage`` asks for its mark in the same file, or is one of those that make and check the mark."""
    sans = {
        "include/aller_vers/exploitation/verification.py",  # reads the address alone
        "include/aller_vers/exploitation/connexions_env.py",  # for those that recognise
        "include/aller_vers/poste/bases.py",  # marks it
    }
    ouvrent: set[str] = set()
    for fichier in (f for d in ("include", "plugins", "dags") for f in (PROJET / d).rglob("*.py")):
        if fichier.parent.name == "partage":
            continue
        appels = {
            ast.unparse(n.func)
            for n in ast.walk(ast.parse(fichier.read_text("utf-8")))
            if isinstance(n, ast.Call)
        }
        if {"Partage", "Partage.from_connexion"} & appels and "recognise" not in appels:
            ouvrent.add(str(fichier.relative_to(PROJET)))
    assert ouvrent == sans
