"""Held lots: what a person reads, decides, and what the drop and the ledger make of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from decisions_exemples import Retenu
from lots_exemples import JUIN
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from aller_vers.lots.avis import queue_digest
from aller_vers.lots.relecture import check_lots
from aller_vers.partage.partage import Partage
from aller_vers.qualite import decisions
from aller_vers.qualite.decisions import DecisionRefuseeError, LotRetenu, list_lots_retenus, record_decision
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.reglages import load_reglages
from aller_vers.suivi.evenements import record_evenement
from aller_vers.suivi.trace import verify_trace
from bases_copiees import find_moteur
from ensemble import run_together

RAISON_DE_LA_PORTE = "qualité : identite_dupliquee"
RAISON = "Vérifié avec la Caf : deux dossiers réunis à tort, corrigés."


def connect(dsn: str) -> Connection:
    return find_moteur(dsn).connect()


def read(depot: Retenu) -> LotRetenu:
    with depot.connect() as entrepot:
        [lot] = list_lots_retenus(entrepot, JUIN)
    return lot


def take(depot: Retenu, decision: Any, motif: str = RAISON, lot: LotRetenu | None = None) -> bool:
    lot = lot or read(depot)
    with depot.connect() as entrepot:
        nouvelle = record_decision(entrepot, lot, decision, "marie.durand", motif)
        entrepot.commit()
    return nouvelle


def test_a_held_lot_is_listed_with_its_reasons_and_nobody_s_name(tenu: Retenu) -> None:
    lot = read(tenu)
    assert (lot.mois, lot.code_caf, lot.libelle, lot.run_id) == ("2025-06", "831", "831 · Var", "r1")
    assert lot.regles == {"identite_dupliquee": 2}
    assert lot.constats == ("La même personne figure plusieurs fois dans le mois : 2 demandeurs",)
    assert (lot.decision, lot.acteur, lot.motif, lot.decide_le) == (None, None, None, None)
    with tenu.connect() as entrepot:
        assert list_lots_retenus(entrepot) == (lot,)
        assert list_lots_retenus(entrepot, JUIN.shift(1)) == ()
        assert list_lots_retenus(entrepot, JUIN, "061") == ()


def test_a_rule_that_could_not_be_evaluated_is_said_so_and_one_that_is_gone_by_its_code(
    tenu: Retenu,
) -> None:
    tenu.hold("r2", volume_aberrant=None, regle_disparue=1)
    assert read(tenu).constats == (
        "Regle disparue : 1 demandeur",
        "Bien plus de demandeurs que le passé ne l'explique : non évalué",
    )


def test_a_month_that_drops_nothing_waits_for_nobody(tenu: Retenu) -> None:
    tenu.run("UPDATE core.publication SET depot = false")
    with tenu.connect() as entrepot:
        assert list_lots_retenus(entrepot) == ()


def test_a_release_drops_that_lot_with_its_reason_and_its_rules_as_warnings(tenu: Retenu) -> None:
    assert take(tenu, "libere")
    assert tenu.decisions() == [(1, "prepare", "marie.durand", RAISON, "libere", "r1")]
    lot = read(tenu)
    assert (lot.decision, lot.acteur, lot.motif) == ("libere", "marie.durand", RAISON)
    assert (depose := tenu.write()).etat == "depose"
    assert (depose.version, depose.lignes) == (1, 2)
    manifeste = tenu.read_lot()
    assert manifeste is not None
    assert (manifeste["verdict"], manifeste["regles_en_avertissement"], manifeste["liberation"]) == (
        "avertissement", ["identite_dupliquee"], RAISON,
    )  # fmt: skip
    assert "marie" not in json.dumps(manifeste)
    assert tenu.write().etat == "inchange"
    tenu.write("061")
    tenu.run("DELETE FROM marts.caf WHERE code_caf NOT IN ('831', '061')")
    with tenu.connect() as entrepot:
        assert check_lots(entrepot, Partage(str(tenu.racine)), JUIN).manquements == ()
        assert verify_trace(entrepot) == []


def test_a_lot_that_is_kept_stays_held_and_can_be_released_later(tenu: Retenu) -> None:
    assert take(tenu, "garde", "")
    assert tenu.decisions() == [(1, "retenu", "marie.durand", RAISON_DE_LA_PORTE, "garde", "r1")]
    assert read(tenu).pourquoi == "La même personne figure plusieurs fois dans le mois"
    evenements = tenu.journal()
    assert tenu.write().etat == "retenu"
    assert tenu.journal() == evenements, "what a person decided is no word of the drop's to be said again"
    assert tenu.read_lot() is None
    assert not take(tenu, "garde", "")
    assert take(tenu, "libere")
    assert tenu.write().etat == "depose"
    assert [d[4] for d in tenu.decisions()] == ["garde", "libere"]


def test_the_last_word_stands_and_the_former_ones_stay(tenu: Retenu) -> None:
    gestes = [
        ("garde", ""),
        ("garde", "À revoir avec la Caf."),
        ("libere", RAISON),
        ("libere", RAISON + " Revu."),
    ]
    for decision, motif in gestes:
        assert take(tenu, decision, motif)
        assert not take(tenu, decision, motif), "the same word again adds nothing"
        assert (read(tenu).decision, read(tenu).motif) == (decision, motif or RAISON_DE_LA_PORTE)
    assert [(d[4], d[3]) for d in tenu.decisions()] == [(d, m or RAISON_DE_LA_PORTE) for d, m in gestes]


def test_a_release_that_is_taken_back_suspends_what_was_dropped_until_the_next_one(tenu: Retenu) -> None:
    take(tenu, "libere")
    assert tenu.write().etat == "depose"
    assert take(tenu, "garde", "La Caf a retrouvé une erreur.")
    assert tenu.write().etat == "retenu"
    assert (tenu.racine / "831" / "2025-06" / "SUSPENDU.txt").exists()
    assert take(tenu, "libere", RAISON + " Corrigé.")
    assert (repris := tenu.write()).etat == "inchange"
    assert repris.version == 1
    assert not (tenu.racine / "831" / "2025-06" / "SUSPENDU.txt").exists()


def test_a_lot_that_is_destroyed_is_decided_on_no_more(tenu: Retenu) -> None:
    take(tenu, "garde", "")
    vu = read(tenu)
    with tenu.connect() as entrepot:
        record_evenement(
            entrepot, mois="2025-06", code_caf="831", version=1, etat="expire", acteur="purge", motif="délai"
        )
        entrepot.commit()
    with pytest.raises(DecisionRefuseeError, match=r"831 · Var est détruit"):
        take(tenu, "libere", lot=vu)
    assert read(tenu).detruit


def test_a_kept_lot_is_explained_to_the_reading_back_and_to_the_digest(tenu: Retenu) -> None:
    take(tenu, "garde", "")
    tenu.run("DELETE FROM marts.caf WHERE code_caf <> '831'")
    with tenu.connect() as entrepot:
        assert check_lots(entrepot, Partage(str(tenu.racine)), JUIN).manquements == ()
        queue_digest(entrepot, JUIN)
        [corps] = entrepot.execute(text("SELECT corps FROM suivi.avis WHERE cle LIKE 'depots/%'")).scalars()
    assert "831 · Var (La même personne figure plusieurs fois dans le mois)" in corps


@pytest.mark.parametrize(
    ("regles", "vaut"),
    [
        ({"identite_dupliquee": 2}, True),
        ({"identite_dupliquee": 1}, True),
        ({"identite_dupliquee": 3}, False),
        ({"identite_dupliquee": None}, False),
        ({"identite_dupliquee": 2, "opposition_transmise": 1}, False),
        ({"opposition_transmise": 1}, False),
    ],
)
def test_a_release_holds_for_its_verdict_and_never_for_a_worse_one(
    tenu: Retenu, regles: dict[str, int | None], vaut: bool
) -> None:
    take(tenu, "libere")
    tenu.hold("r2", **regles)
    assert read(tenu).decision == ("libere" if vaut else None)
    assert tenu.write().etat == ("depose" if vaut else "retenu")
    if not vaut:
        assert take(tenu, "libere"), "the same reason again, for another verdict"
        assert tenu.write().etat == "depose"


def test_a_verdict_without_any_rule_is_covered_by_no_former_release(tenu: Retenu) -> None:
    take(tenu, "libere")
    tenu.hold("r2")
    assert read(tenu).decision is None


def test_the_same_verdict_is_the_same_question_and_another_one_is_not(tenu: Retenu) -> None:
    premiere = read(tenu).question
    assert premiere.startswith("lot-2025-06-831-")
    tenu.hold("r2", identite_dupliquee=2)
    assert read(tenu).question == premiere
    tenu.hold("r3", identite_dupliquee=3)
    assert read(tenu).question != premiere


def test_a_decision_on_a_verdict_that_has_changed_is_refused(tenu: Retenu) -> None:
    vu = read(tenu)
    tenu.hold("r2", identite_dupliquee=40)
    with pytest.raises(DecisionRefuseeError, match="a changé depuis la question"):
        take(tenu, "libere", lot=vu)
    tenu.judge("831", "conforme", run_id="r2")
    with pytest.raises(DecisionRefuseeError, match="n'est pas retenu, ou ne l'est plus"):
        take(tenu, "garde", lot=vu)
    assert tenu.decisions() == []


@pytest.mark.parametrize("motif", ["", "   ", "ok", " trop bref "])
def test_a_lot_is_not_released_without_a_written_reason(tenu: Retenu, motif: str) -> None:
    with pytest.raises(ErreurAllerVers, match="ne se libère pas sans motif"):
        take(tenu, "libere", motif)
    assert tenu.decisions() == []


@pytest.mark.parametrize("decision", ["libere", "garde"])
@pytest.mark.parametrize(
    "trace",
    [
        "zoe@example.org",
        "01 99 00 12 34",
        "+33199001234",
        "2 75 06 83 123 456 78",
    ],
)
def test_a_reason_that_looks_like_a_person_is_refused_and_not_repeated(
    tenu: Retenu, trace: str, decision: str
) -> None:
    lot = read(tenu)
    with tenu.connect() as entrepot, pytest.raises(ErreurAllerVers) as refus:
        record_decision(entrepot, lot, decision, "marie.durand", f"Vu avec {trace}, tout est bon")  # type: ignore[arg-type]
    assert "donnée personnelle" in refus.value.constat
    assert trace not in str(refus.value)
    assert refus.value.__suppress_context__
    assert tenu.decisions() == []


def test_a_refused_decision_leaves_the_caller_s_transaction_alive(tenu: Retenu) -> None:
    lot = read(tenu)
    with tenu.connect() as entrepot:
        with pytest.raises(ErreurAllerVers):
            record_decision(entrepot, lot, "libere", "marie.durand", "non")
        assert record_decision(entrepot, lot, "libere", "marie.durand", RAISON)
        entrepot.commit()
    assert len(tenu.decisions()) == 1


def test_the_page_s_role_lists_and_decides_and_writes_nothing_else(
    tenu: Retenu, dsn_role: Callable[[str], str]
) -> None:
    with connect(dsn_role("av_pilotage")) as page:
        [lot] = list_lots_retenus(page)
        assert record_decision(page, lot, "libere", "paul.martin", RAISON)
        page.commit()
        for ordre in (
            "INSERT INTO suivi.alerte VALUES ('x', 'x', '', 'x', 'x', 1, now(), now())",
            "SELECT 1 FROM core.publication",
            "DELETE FROM suivi.evenement",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), page.begin_nested():
                page.exec_driver_sql(ordre)
    assert tenu.decisions()[0][2] == "paul.martin"
    for role in ("av_qualite", "av_diffusion"):
        with connect(dsn_role(role)) as autre, pytest.raises(ProgrammingError, match="permission denied"):
            list_lots_retenus(autre)


def test_two_people_who_decide_at_once_leave_one_decision(tenu: Retenu) -> None:
    lot = read(tenu)

    def decider(entrepot: Connection) -> bool:
        inscrite = record_decision(entrepot, lot, "libere", "marie.durand", RAISON)
        entrepot.commit()
        return inscrite

    resultats = run_together(tenu.connect, *[decider] * 6)
    assert sorted(resultats) == [False] * 5 + [True]
    assert len(tenu.decisions()) == 1


def test_every_refusal_of_the_database_has_its_sentence() -> None:
    import inspect
    import re

    from aller_vers.socle.sql import read_sql

    codes = set(re.findall(r"ERRCODE = '(AV\d+)'", read_sql("socle/schema/0008_lots.sql")))
    assert codes == {"AV001", "AV002", "AV003", "AV004", "AV005", "AV006"}
    # AV001 is a fault of the caller's code: no person can mend it.
    assert codes - {"AV001"} == set(re.findall(r'case "(AV\d+)"', inspect.getsource(decisions)))


def decide_as(depot: Retenu, acteur: str, decision: Any = "libere") -> bool:
    with depot.connect() as entrepot:
        nouvelle = record_decision(entrepot, read(depot), decision, acteur, RAISON)
        entrepot.commit()
    return nouvelle


def test_above_a_number_of_people_a_second_person_releases_and_the_trace_holds_both(
    tenu: Retenu, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(personnes,)] = tenu.run("SELECT count(*) FROM core.demandeur WHERE code_caf = '831'")
    monkeypatch.setenv("AV_SEUIL_DOUBLE_REGARD", str(personnes - 1))
    load_reglages.cache_clear()
    assert decide_as(tenu, "marie.durand")
    assert (read(tenu).decision, read(tenu).attend) == ("propose", True)
    assert tenu.write().etat == "retenu", "one person alone drops nothing"
    for meme in ("marie.durand", " Marie.Durand "):
        with pytest.raises(ErreurAllerVers, match="vous avez déjà proposé"):
            decide_as(tenu, meme)
    assert decide_as(tenu, "paul.martin")
    assert tenu.write().etat == "depose"
    assert [(etat, acteur, decision) for _, etat, acteur, _, decision, _ in tenu.decisions()] == [
        ("retenu", "marie.durand", "propose"),
        ("prepare", "paul.martin", "libere"),
    ]
    # A verdict that gets worse takes back the proposal as it takes back a release; keeping needs one person.
    tenu.hold("r2", identite_dupliquee=9)
    assert decide_as(tenu, "paul.martin")
    assert read(tenu).decision == "propose"
    assert decide_as(tenu, "paul.martin", "garde")
    assert read(tenu).decision == "garde"


def test_at_the_number_of_people_or_without_one_a_single_person_releases(
    tenu: Retenu, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(personnes,)] = tenu.run("SELECT count(*) FROM core.demandeur WHERE code_caf = '831'")
    monkeypatch.setenv("AV_SEUIL_DOUBLE_REGARD", str(personnes))
    load_reglages.cache_clear()
    assert decide_as(tenu, "marie.durand")
    assert read(tenu).decision == "libere"
