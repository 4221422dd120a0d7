"""Lots on the share that the ledger does not know, after a restoration: none is kept past its time in silence."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import psycopg
import pytest
from destruction_exemples import DANS_TROIS_MOIS, DANS_UN_JOUR, PUTOIS, TRACES, Maison

from aller_vers.destruction.preuve import prove_destructions
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.referentiel import NATION
from aller_vers.suivi.trace import verify_trace

FORGET = (
    "DELETE FROM suivi.evenement", "DELETE FROM suivi.chaine", "DELETE FROM core.publication",
    "TRUNCATE staging.demandeur_brut, staging.demandeur, core.demandeur",
)  # fmt: skip


@pytest.fixture
def oubliee(maison: Maison) -> Maison:
    """June is dropped; then a backup of before it is restored, without its persons."""
    maison.drop_juin()
    with psycopg.connect(maison.dsn_proprietaire, autocommit=True) as connexion:
        for ordre in FORGET:
            connexion.execute(ordre)
    return maison


def test_a_lot_that_the_ledger_has_forgotten_is_destroyed_in_its_time_and_certified(oubliee: Maison) -> None:
    identite = json.loads((oubliee.racine / "831/2025-06/v1/manifeste.json").read_bytes())["identite"]
    avant = oubliee.snapshot()
    oubliee.purge(DANS_UN_JOUR).require_complete()
    assert oubliee.snapshot() == avant
    assert oubliee.find_expires() == []
    bilan = oubliee.purge()
    bilan.require_complete()
    assert (bilan.lots, bilan.mois) == (3, 1)
    assert oubliee.search(*TRACES) == []
    assert list(oubliee.racine.rglob("*2025-06*")) == []
    assert oubliee.find_expires() == [("2025-06", c) for c in ("421", "591", "831", NATION)]
    [(version, motif, preuve)] = oubliee.run(
        "SELECT version, motif, preuve FROM suivi.evenement WHERE etat = 'expire' AND code_caf = '831'"
    )
    assert (version, motif) == (1, "lot que la trace ne connaissait pas, durée maximale")
    assert preuve["identites"] == {"1": identite}
    with oubliee.open() as entrepot:
        assert verify_trace(entrepot) == []
        prove_destructions(entrepot, oubliee.share)


def test_the_month_is_certified_only_when_the_last_forgotten_lot_is_due(oubliee: Maison) -> None:
    chemin = oubliee.racine / "591/2025-06/v1/manifeste.json"
    plus_tard = DANS_TROIS_MOIS + timedelta(days=10)
    chemin.write_text(json.dumps(json.loads(chemin.read_bytes()) | {"purge_le": str(plus_tard.date())}))
    bilan = oubliee.purge()
    assert (bilan.lots, bilan.mois, bilan.echecs) == (2, 0, {})
    assert oubliee.run("SELECT count(*) FROM suivi.destruction WHERE code_caf = 'FR'") == [(0,)]
    with oubliee.open() as entrepot:
        prove_destructions(entrepot, oubliee.share)
    bilan = oubliee.purge(plus_tard)
    assert (bilan.lots, bilan.mois, bilan.echecs) == (1, 1, {})
    assert oubliee.search(*TRACES) == []


@pytest.mark.parametrize("quoi", ["un fichier", "un dossier", "un lien", "sans manifeste", "lot d'une autre"])
def test_what_people_put_there_is_not_destroyed_and_the_purge_says_so(oubliee: Maison, quoi: str) -> None:
    lot = oubliee.racine / "591/2025-06"
    match quoi:
        case "un fichier":
            (lot / "v1/garder Canari Putois.txt").write_text(PUTOIS[1])
        case "un dossier":
            (lot / "à garder").mkdir()
        case "un lien":
            (lot / "SUSPENDU.txt").symlink_to("/etc/hostname")
        case "sans manifeste":
            (lot / "v1/manifeste.json").unlink()
        case _:
            shutil.rmtree(lot)
            shutil.copytree(oubliee.racine / "831/2025-06", lot)
    avant = sorted(lot.rglob("*"))
    bilan = oubliee.purge()
    assert sorted(lot.rglob("*")) == avant
    assert ("2025-06", "591") not in oubliee.find_expires()
    assert bilan.lots == 2
    with pytest.raises(
        ErreurAllerVers, match="591/2025-06 est un dossier que la trace ne connaît pas"
    ) as refus:
        bilan.require_complete()
    assert "supprimer le dossier" in str(refus.value)
    assert "Putois" not in str(refus.value)
    match quoi:
        case "un fichier":
            (lot / "v1/garder Canari Putois.txt").unlink()
        case "un dossier":
            (lot / "à garder").rmdir()
        case "un lien":
            (lot / "SUSPENDU.txt").unlink()
        case _:
            shutil.rmtree(lot)
    assert ("2025-06", NATION) not in oubliee.find_expires()
    oubliee.purge(run_id="purge-2").require_complete()
    assert oubliee.search(*TRACES) == []
    assert ("2025-06", NATION) in oubliee.find_expires()


def test_an_empty_folder_and_other_names_are_nobody(maison: Maison) -> None:
    for chemin in ("831/2010-01", "831/retours", "831/2010-13", "autre/2010-01/v1"):
        (maison.racine / chemin).mkdir(parents=True)
    (maison.racine / "831/2010-02").write_text("un fichier")
    maison.purge().require_complete()
    assert maison.find_expires() == []
