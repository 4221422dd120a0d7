"""A Caf merged into another: what the page tells of the successor's past is of both."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from jeu_pilotage import MOIS, RETENUE, fill
from sqlalchemy import Connection, text

from aller_vers.pilotage.indicateurs import load_douze_mois, load_indicateur
from aller_vers.pilotage.preuves import list_anciens, load_preuves
from aller_vers.pilotage.une_caf import load_vue_caf
from aller_vers.qualite.decisions import LotRetenu, list_lots_retenus
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from reference_fusionnee import merge_var

JUIN, AOUT = Mois.parse(MOIS[0]), Mois.parse(MOIS[2])
ANCIENNE, AUPARAVANT = "621", "331"


@pytest.fixture
def fusion(entrepot: Connection) -> Connection:
    """Give a warehouse, as the page reads it, where a Caf took another in, which took a third in before."""
    fill(entrepot)
    for code, fin, suivante in (
        (AUPARAVANT, date(2025, 7, 10), ANCIENNE),
        (ANCIENNE, date(2025, 8, 10), RETENUE),
    ):
        entrepot.execute(
            text("UPDATE marts.caf SET valable_au = :fin, successeur = :suivante WHERE code_caf = :code"),
            {"code": code, "fin": fin, "suivante": suivante},
        )
        entrepot.execute(
            text("DELETE FROM dq.profil_requete WHERE code_caf = :code AND marts.arreter(mois) > :fin"),
            {"code": code, "fin": fin},
        )
    entrepot.execute(text("SET ROLE av_pilotage"))
    return entrepot


def test_the_usual_values_of_a_held_lot_are_those_of_all_that_its_caf_was_made_of(fusion: Connection) -> None:
    lots = list_lots_retenus(fusion)
    preuve = load_preuves(fusion, lots)[MOIS[2], RETENUE]
    assert (preuve.demandeurs, preuve.transmissibles) == (18, 16)
    assert (preuve.habituels, preuve.mois_passes) == ((34, 41, 48), 2)
    assert [c.libelle for c in preuve.constats] == ["La même personne figure plusieurs fois dans le mois"]


def test_the_twelve_months_of_a_caf_count_those_merged_into_it(fusion: Connection) -> None:
    siens = "SELECT sum(denominateur) FROM marts.terme WHERE code = 'taux_courriel_valide' AND code_caf = ANY (:c)"
    attendu = fusion.execute(text(siens), {"c": [RETENUE, ANCIENNE, AUPARAVANT]}).scalar_one()
    termes = load_douze_mois(fusion, AOUT)["taux_courriel_valide", 1].termes
    assert (termes[RETENUE][1], ANCIENNE in termes, AUPARAVANT in termes) == (attendu, False, False)
    assert ANCIENNE in load_douze_mois(fusion, JUIN)["taux_courriel_valide", 1].termes
    entonnoir = load_indicateur(fusion, "taux_courriel_valide", None, AOUT).entonnoir
    assert entonnoir is not None
    tailles = {r.code_caf: r.effectif for r in entonnoir.reperes}
    assert tailles[RETENUE] == attendu
    assert not {ANCIENNE, AUPARAVANT} & tailles.keys()


def test_the_past_months_of_a_caf_show_those_merged_into_it_by_their_name(fusion: Connection) -> None:
    vue = load_vue_caf(fusion, RETENUE, AOUT, date(2025, 9, 2), Reglages())
    assert [(str(h.mois), h.code_caf) for h in vue.historique if h.mois < AOUT] == [
        (m, c) for m in (MOIS[1], MOIS[0]) for c in (AUPARAVANT, RETENUE, ANCIENNE)
    ]
    avant = load_vue_caf(fusion, RETENUE, JUIN, date(2025, 9, 2), Reglages())
    assert {h.code_caf for h in avant.historique} == {RETENUE}


def test_what_was_decided_on_a_caf_before_it_merged_is_told_of_its_successor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge_var(tmp_path, monkeypatch)

    def hold(mois: str, code_caf: str, libelle: str) -> LotRetenu:
        return LotRetenu(
            mois, code_caf, libelle, "run", datetime(2025, 9, 1, tzinfo=UTC), {}, "garde", "marie", "à revoir", None, False
        )  # fmt: skip

    lots = [
        hold(MOIS[2], "041", "041 · Alpes"),
        hold("2025-05", "831", "831 · Var"),
        hold("2025-05", "751", "751 · Paris"),
    ]
    assert list_anciens(lots, lots[0]) == ["mai 2025, 831 · Var : gardé par marie, à revoir"]
    assert list_anciens(lots, lots[1]) == []
