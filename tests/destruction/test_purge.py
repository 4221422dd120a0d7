"""The purge: what is due goes everywhere, what is not stays, and only what is gone is certified."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from destruction_exemples import (
    DANS_TROIS_MOIS,
    DANS_UN_JOUR,
    JUILLET,
    JUIN,
    LOUTRE,
    MAINTENANT,
    PUTOIS,
    TRACES,
    ZIBELINE,
    Maison,
    search_files,
)  # fmt: skip
from lots_exemples import make_reglages
from sqlalchemy import Connection, text

from aller_vers.destruction.lieux import TABLES, count_tables
from aller_vers.destruction.preuve import prove_destructions
from aller_vers.destruction.purge import _begin_lot
from aller_vers.lots.a_deposer import choose_caf
from aller_vers.lots.relecture import check_lots
from aller_vers.requete.extraction import extract_demandeurs
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.partitions import lock, replace_partition
from aller_vers.socle.referentiel import NATION
from aller_vers.suivi.evenements import record_evenement
from aller_vers.suivi.trace import verify_trace
from ensemble import run_together

LOTS = [("2025-06", "421"), ("2025-06", "591"), ("2025-06", "831")]
TOUT_JUIN = [*LOTS, ("2025-06", NATION)]


def test_the_places_that_hold_persons_are_all_known_to_the_purge(entrepot: Connection) -> None:
    personnels = entrepot.exec_driver_sql(
        "SELECT DISTINCT c.table_schema || '.' || c.table_name FROM information_schema.columns AS c"
        " WHERE c.table_schema IN ('staging', 'core', 'dq', 'marts', 'diffusion', 'suivi', 'public')"
        " AND c.column_name ~ '(id_personne|id_dossier|courriel|telephone|^nom_personne|prenom|nir)'"
    ).scalars()
    assert set(personnels) == set(TABLES)
    assert set(count_tables(entrepot, "2025-06")) == set(TABLES)


def test_what_is_not_due_stays(maison: Maison) -> None:
    maison.drop_juin()
    avant = maison.snapshot()
    bilan = maison.purge(DANS_UN_JOUR)
    assert (bilan.lots, bilan.mois, bilan.sans_suite) == (0, 0, 0)
    assert maison.snapshot() == avant
    assert maison.list_tables() == sorted(f"{t}_2025_06" for t in TABLES)
    assert maison.find_expires() == []
    assert maison.run("SELECT count(*) FROM suivi.destruction")[0][0] == 0


def test_after_the_delay_nobody_of_the_month_is_found_anywhere(maison: Maison) -> None:
    maison.drop_juin()
    avant = maison.search(*TRACES)
    assert {"core.demandeur_2025_06.courriel", "staging.demandeur_2025_06.telephone_net"} <= set(avant)
    assert "831/2025-06/v1/PA_831_202506_v1.xlsx" in avant, "la recherche lit dans les classeurs"
    bilan = maison.purge()
    bilan.require_complete()
    assert (bilan.lots, bilan.mois) == (3, 1)
    assert maison.search(*TRACES) == []
    assert maison.list_tables() == []
    assert list(maison.racine.rglob("*2025-06*")) == []
    assert maison.find_expires() == TOUT_JUIN
    with maison.open() as entrepot:
        assert verify_trace(entrepot) == []
        assert prove_destructions(entrepot, maison.share) == {"mois": 1, "lots": 3}


def test_the_certificate_says_what_was_destroyed_when_and_by_which_run(maison: Maison) -> None:
    maison.drop_juin()
    maison.fill(JUIN, {"831": [ZIBELINE], "591": [PUTOIS], "421": []})
    maison.drop(JUIN, "831")
    identites = dict(
        tuple(ligne)
        for ligne in maison.run(
            "SELECT version::text, preuve ->> 'identite' FROM suivi.evenement"
            " WHERE etat = 'depose' AND code_caf = '831'"
        )
    )
    maison.purge(run_id="scheduled__2025-10-01T02:00:00.123456+00:00")
    [(version, motif, preuve)] = maison.run(
        "SELECT version, motif, preuve FROM suivi.evenement WHERE etat = 'expire' AND code_caf = '831'"
    )
    assert (version, motif) == (2, "durée maximale après le dépôt")
    assert len(identites) == 2
    assert preuve["identites"] == identites
    assert preuve["execution"] == "scheduled__2025-10-01T02:00:00.123456+00:00"
    assert preuve["lignes_detruites"] == dict.fromkeys(TABLES, 1)
    assert preuve["reste"] == 0
    assert preuve["portee"] == ["base", "partage"]
    assert preuve["journaux_jusqu_au"] == str((DANS_TROIS_MOIS + timedelta(days=7)).astimezone(PARIS).date())
    assert set(preuve) == {
        "execution", "entreprise_le", "identites", "lignes_detruites", "reste", "portee", "journaux_jusqu_au"
    }  # fmt: skip
    [(mois,)] = maison.run("SELECT preuve FROM suivi.evenement WHERE etat = 'expire' AND code_caf = 'FR'")
    assert mois["lignes_detruites"] == dict.fromkeys(TABLES, 0), "les lots avaient déjà emporté tout le monde"


def test_a_treated_lot_goes_first_and_the_others_stand(maison: Maison) -> None:
    maison.drop_juin()
    maison.treat("831", str(MAINTENANT.date()), *maison.list_cpam("831"))
    bilan = maison.purge(MAINTENANT + timedelta(days=33))
    assert (bilan.lots, bilan.mois) == (1, 0)
    assert maison.find_expires() == [("2025-06", "831")]
    restes = maison.search(*TRACES)
    assert restes
    assert not [lieu for lieu in restes if lieu.startswith("831/")]
    assert maison.search("zibeline", "loutre") == []
    assert search_files(maison.dsn_proprietaire, "canari.zibeline", "canari.loutre", ZIBELINE[0]) == []
    assert maison.read_lot("591") is not None
    with maison.open() as entrepot:
        assert "831" not in choose_caf(entrepot, JUIN)
        assert "591" in choose_caf(entrepot, JUIN)
        assert check_lots(entrepot, maison.share, JUIN).par_caf["591"] == "conforme"
    with pytest.raises(ErreurAllerVers, match="Le mois 2025-06 de la Caf 831 a été détruit"):
        maison.drop(JUIN, "831")
    assert not (maison.racine / "831" / "2025-06").exists()
    assert maison.purge().mois == 1
    assert maison.find_expires() == TOUT_JUIN


def test_a_destroyed_month_is_neither_extracted_nor_dropped_again(maison: Maison) -> None:
    maison.drop_juin()
    maison.purge()
    with maison.open() as entrepot:
        for refuse in (
            lambda: extract_demandeurs(entrepot, entrepot, JUIN, ("initiale",), MAINTENANT.date()),
            lambda: choose_caf(entrepot, JUIN),
            lambda: choose_caf(entrepot, JUIN, ["061"]),
        ):
            with pytest.raises(ErreurAllerVers, match="Le mois 2025-06 a été détruit"):
                refuse()
    for code in ("831", "061"):  # a Caf that had no lot neither
        with pytest.raises(ErreurAllerVers, match="a été détruit"):
            maison.drop(JUIN, code)
    assert list(maison.racine.rglob("*.xlsx")) == []


@pytest.mark.parametrize("table", TABLES)
def test_who_waited_for_the_purge_does_not_bring_the_month_back(maison: Maison, table: str) -> None:
    maison.drop_juin()
    refus: list[BaseException] = []

    def fill() -> None:
        with (
            pytest.raises(ErreurAllerVers, match="Le mois 2025-06 a été détruit") as refuse,
            maison.open() as e,
        ):
            replace_partition(e, table, "2025-06")
        refus.append(refuse.value)

    with maison.open() as purge:
        lock(purge, table, "2025-06")
        fil = threading.Thread(target=fill)
        fil.start()  # it asked before the purge, and waits for the lock
        purge.execute(text("INSERT INTO suivi.destruction VALUES ('2025-06', 'FR', 'delai', 'p', '{}')"))
    fil.join(30)
    assert len(refus) == 1


def test_a_lot_that_is_being_destroyed_keeps_out_who_would_fill_its_month(maison: Maison) -> None:
    maison.drop_juin()
    prendre = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:cle, 0))")
    with maison.open() as purge, maison.open() as autre:
        _begin_lot(
            purge, "2025-06", "831", "delai", "p", entames={"2025-06"}
        )  # not the first lot of its month
        libres = [t for t in TABLES if autre.scalar(prendre, {"cle": f"aller_vers/{t}/2025-06"})]
    assert libres == []


def test_a_destruction_that_is_only_under_way_already_closes_the_month(maison: Maison) -> None:
    maison.drop_juin()
    maison.racine.rename(maison.racine.with_name("ailleurs"))
    maison.purge()
    assert maison.find_expires() == []
    with maison.open() as entrepot, pytest.raises(ErreurAllerVers, match="Le mois 2025-06 a été détruit"):
        extract_demandeurs(entrepot, entrepot, JUIN, ("initiale",), MAINTENANT.date())
    maison.racine.mkdir()
    with pytest.raises(ErreurAllerVers, match="Le mois 2025-06 de la Caf 831 a été détruit"):
        maison.drop(JUIN, "831")
    with maison.open() as entrepot, pytest.raises(ErreurAllerVers, match="a été détruit pour 101 Caf"):
        choose_caf(entrepot, JUIN)


def test_a_lot_under_destruction_is_not_dropped_while_its_month_stands(maison: Maison) -> None:
    maison.drop_juin()
    maison.treat("831", str(MAINTENANT.date()), *maison.list_cpam("831"))
    ailleurs = maison.racine.rename(maison.racine.with_name("ailleurs"))
    maison.purge(MAINTENANT + timedelta(days=33))
    ailleurs.rename(maison.racine)
    avant = maison.snapshot()
    with pytest.raises(ErreurAllerVers, match="Le mois 2025-06 de la Caf 831 a été détruit"):
        maison.drop(JUIN, "831")
    with maison.open() as entrepot:
        assert "831" not in choose_caf(entrepot, JUIN)
        assert check_lots(entrepot, maison.share, JUIN).par_caf["831"] == "conforme"
    assert maison.snapshot() == avant


def test_a_recipient_that_was_sent_the_lot_has_to_have_treated_it_whatever_the_conventions(
    maison: Maison,
) -> None:
    maison.drop_juin()
    with maison.open() as entrepot:
        record_evenement(
            entrepot, mois="2025-06", code_caf="831", version=1, etat="transmis", acteur="essai", code_cpam="061"
        )  # fmt: skip
    maison.treat("831", str(MAINTENANT.date()), *maison.list_cpam("831"))
    assert maison.purge(MAINTENANT + timedelta(days=33)).lots == 0
    maison.treat("831", str(MAINTENANT.date()), "061")
    assert maison.purge(MAINTENANT + timedelta(days=33)).lots == 1


@pytest.mark.parametrize(("monte", "dit"), [(False, "introuvable"), (True, "ne porte pas sa marque")])
def test_a_share_that_is_gone_stops_neither_the_tables_nor_certifies_what_it_holds(
    maison: Maison, monte: bool, dit: str
) -> None:
    maison.drop_juin()
    ailleurs = maison.racine.rename(maison.racine.with_name("ailleurs"))
    if monte:  # the mount point stands, empty
        maison.racine.mkdir()
    bilan = maison.purge()
    assert (bilan.lots, bilan.mois) == (0, 0)
    assert len(bilan.echecs) == 4 - 1, "trois lots ; le mois attend les siens"
    with pytest.raises(ErreurAllerVers, match=f"3 destructions inachevées.*{dit}") as refus:
        bilan.require_complete()
    assert refus.value.passagere
    assert maison.list_tables() == []
    assert maison.find_expires() == []
    if monte:
        assert list(maison.racine.iterdir()) == []
        maison.racine.rmdir()
    ailleurs.rename(maison.racine)
    assert maison.search(*TRACES) != []
    fini = maison.purge(run_id="purge-2")
    assert (fini.lots, fini.mois, fini.echecs) == (3, 1, {})
    assert maison.search(*TRACES) == []
    [(preuve,)] = maison.run("SELECT preuve FROM suivi.evenement WHERE etat = 'expire' AND code_caf = '831'")
    assert (preuve["execution"], preuve["achevee_par"]) == ("purge-1", "purge-2")
    assert preuve["lignes_detruites"] == dict.fromkeys(TABLES, 2), "les comptes sont ceux de la première"


def test_what_refuses_to_go_is_told_and_never_certified(
    maison: Maison, monkeypatch: pytest.MonkeyPatch
) -> None:
    maison.drop_juin()
    from aller_vers.partage.partage import Partage

    vrai = Partage.remove_dossier
    monkeypatch.setattr(
        Partage, "remove_dossier", lambda self, c: None if c.startswith("591/") else vrai(self, c)
    )
    bilan = maison.purge()
    assert bilan.lots == 2
    assert (
        "il reste de juin 2025 (Caf 591) : le dossier 591/2025-06 du partage"
        in bilan.echecs["2025-06 Caf 591"]
    )
    assert ("2025-06", "591") not in maison.find_expires()
    assert ("2025-06", NATION) not in maison.find_expires()


def test_a_second_purge_changes_nothing(maison: Maison) -> None:
    maison.drop_juin()
    maison.purge()
    evenements = maison.run("SELECT count(*) FROM suivi.evenement")
    bilan = maison.purge(run_id="purge-2")
    assert (bilan.lots, bilan.mois, bilan.sans_suite, bilan.echecs) == (0, 0, 0, {})
    assert maison.run("SELECT count(*) FROM suivi.evenement") == evenements


def test_a_month_published_without_a_lot_goes_after_the_same_delay(maison: Maison) -> None:
    maison.fill(JUIN, {"831": [ZIBELINE]})
    assert maison.purge(DANS_UN_JOUR).mois == 0
    assert maison.purge().mois == 1
    assert maison.find_expires() == [("2025-06", NATION)]
    assert maison.search(*TRACES) == []


def test_an_extract_that_nothing_followed_goes_and_may_come_again(maison: Maison) -> None:
    maison.fill(JUIN, {"831": [ZIBELINE]}, publie=False)
    assert maison.purge(MAINTENANT + timedelta(days=20)).sans_suite == 0
    assert maison.search(*TRACES)
    assert maison.purge(MAINTENANT + timedelta(days=33)).sans_suite == 1
    assert maison.search(*TRACES) == []
    assert maison.run("SELECT count(*) FROM suivi.destruction")[0][0] == 0
    maison.drop_juin()
    assert maison.read_lot("831") is not None


def test_one_month_goes_and_the_next_one_stands(maison: Maison) -> None:
    maison.drop_juin()
    maison.fill(JUILLET, {"831": [LOUTRE]})
    maison.run("UPDATE core.publication SET publie_le = now() + interval '60 days' WHERE mois = '2025-07'")
    maison.purge()
    assert maison.search("zibeline", "putois") == []
    assert {lieu.split(".")[1] for lieu in maison.search("loutre")} == {
        "demandeur_brut_2025_07", "demandeur_2025_07"
    }  # fmt: skip


def test_a_backup_from_before_the_destruction_delays_its_certificate(maison: Maison, tmp_path: Path) -> None:
    maison.drop_juin()
    dossier = tmp_path / "sauvegardes"
    dossier.mkdir()
    (dossier / "nuit.dump").write_bytes(b"x")
    ancien = MAINTENANT.timestamp() - 3600
    os.utime(dossier / "nuit.dump", (ancien, ancien))
    reglages = make_reglages().model_copy(update={"dossier_sauvegardes": dossier})
    bilan = maison.purge(reglages=reglages)
    assert (bilan.lots, bilan.mois) == (3, 0)
    assert bilan.en_attente == {"2025-06": "1 sauvegarde d'avant sa destruction"}
    bilan.require_complete()  # it waits: nothing is wrong
    assert maison.find_expires() == LOTS
    (dossier / "nuit.dump").unlink()
    (dossier / "demain.dump").write_bytes(b"x")
    demain = MAINTENANT.timestamp() + 86400
    os.utime(dossier / "demain.dump", (demain, demain))
    assert maison.purge(reglages=reglages).mois == 1
    maison.fill(JUILLET, {"831": [LOUTRE]})
    absent = reglages.model_copy(update={"dossier_sauvegardes": tmp_path / "absent"})
    assert "absent est introuvable" in maison.purge(DANS_TROIS_MOIS, absent).echecs["2025-07"]


@pytest.mark.parametrize("ou", ["partage", "table", "partition"])
def test_what_comes_back_after_its_certificate_is_seen_by_the_proof(maison: Maison, ou: str) -> None:
    maison.drop_juin()
    maison.purge()
    if ou == "partage":
        (maison.racine / "831/2025-06").mkdir(parents=True)
    else:
        maison.run(  # as a restored backup does; the project's own steps refuse
            "CREATE TABLE staging.demandeur_2025_06 PARTITION OF staging.demandeur FOR VALUES IN ('2025-06')"
        )
    if ou == "table":
        maison.run(
            "INSERT INTO staging.demandeur (mois, ligne, code_caf, courriel_net, motifs)"
            " VALUES ('2025-06', 1, '831', :courriel, '{}')",
            courriel=ZIBELINE[1],
        )
    with maison.open() as entrepot:
        if ou == "partition":  # empty: nobody is back
            assert prove_destructions(entrepot, maison.share)
            return
        with pytest.raises(ErreurAllerVers, match="attestées détruites sont revenues") as refus:
            prove_destructions(entrepot, maison.share)
    attendu = "le dossier 831/2025-06" if ou == "partage" else "1 ligne de 2025-06 dans staging.demandeur"
    assert attendu in str(refus.value)
    assert not [trace for trace in TRACES if trace in str(refus.value)]


def test_a_lot_that_comes_back_while_its_month_stands_is_seen_by_the_proof(maison: Maison) -> None:
    maison.drop_juin()
    maison.treat("831", str(MAINTENANT.date()), *maison.list_cpam("831"))
    maison.purge(MAINTENANT + timedelta(days=33))
    maison.run(
        "INSERT INTO core.demandeur VALUES ('2025-06', :i, '831', :c, :t, :p)",
        **dict(zip("ictp", ZIBELINE, strict=True)),
    )
    with (
        maison.open() as entrepot,
        pytest.raises(ErreurAllerVers, match=r"1 ligne de 2025-06 dans core"),
    ):
        prove_destructions(entrepot, maison.share)


def test_nobody_rewrites_what_the_purge_said(maison: Maison, dsn_role: Callable[[str], str]) -> None:
    maison.drop_juin()
    maison.purge()
    for role in ("av_etl", "av_pilotage"):
        for ordre in (
            "UPDATE suivi.destruction SET run_id = 'x'",
            "DELETE FROM suivi.destruction",
            "UPDATE suivi.chaine SET nombre = 0",
            "DELETE FROM suivi.chaine",
            "INSERT INTO suivi.chaine (mois, code_caf, nombre, dernier_id, hash) VALUES ('x', 'x', 1, 1, 'x')",
            "UPDATE suivi.evenement SET preuve = '{}' WHERE etat = 'expire'",
            "DELETE FROM suivi.evenement WHERE etat = 'expire'",
        ):
            with (
                psycopg.connect(dsn_role(role)) as connexion,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connexion.execute(ordre)


def test_a_held_lot_goes_too_with_the_persons_that_wait_in_core(maison: Maison) -> None:
    maison.fill(JUIN, {"831": [ZIBELINE]})
    maison.judge("831", "retenu")
    [lot] = maison.drop(JUIN, "831")
    assert lot.etat == "retenu"
    bilan = maison.purge()
    assert (bilan.lots, bilan.mois) == (1, 1)
    assert maison.search(*TRACES) == []


def test_the_proof_of_a_certificate_is_json_without_a_value_of_a_person(maison: Maison) -> None:
    maison.drop_juin()
    maison.purge()
    textes = json.dumps([p for (p,) in maison.run("SELECT preuve FROM suivi.evenement")])
    assert not [trace for trace in TRACES if trace in textes]


def test_two_purges_at_once_certify_once(maison: Maison) -> None:
    maison.drop_juin()
    bilans = run_together(
        nullcontext, lambda _: maison.purge(run_id="purge-1"), lambda _: maison.purge(run_id="purge-2")
    )
    assert [b.echecs for b in bilans] == [{}, {}]
    assert sum(b.lots for b in bilans) == 3
    assert maison.find_expires() == TOUT_JUIN
