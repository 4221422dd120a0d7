"""Periods and late data on PostgreSQL, as somebody would check them by hand: 18 months of one Caf and its neighbour."""

from __future__ import annotations

from decimal import Decimal

import pytest
from exemples import define
from sqlalchemy import Connection, text

from aller_vers.indicateurs.marts import BilanMarts, compute_indicateurs
from aller_vers.socle.mois import Mois

SEUIL = 5
DEBUT = Mois(2024, 1)
MOIS = [DEBUT.shift(n) for n in range(18)]
JUIN_2025 = MOIS[-1]
RDV = define("rdv", "compte", "n", periodes=["annee", "douze_mois", "origine"])
TAUX = define("taux", "ratio", "n", "d", periodes=["annee", "douze_mois", "origine"])
SUR_UN_AN = define("sur_un_an", "evolution", "n", recul_mois=12)
DICTIONNAIRE = [RDV, TAUX, SUR_UN_AN]


def store(etl: Connection, mois: Mois, n: int, d: int, caf: str = "831") -> None:
    etl.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, mesure, valeur) VALUES (:mois, :caf, :mesure, :valeur)"
            " ON CONFLICT (mois, mesure, code_caf, code_cpam, modalite, classe) DO UPDATE SET valeur = excluded.valeur"
        ),
        [{"mois": str(mois), "caf": caf, "mesure": m, "valeur": v} for m, v in (("n", n), ("d", d))],
    )


def compute(etl: Connection, mois: Mois) -> BilanMarts:
    return compute_indicateurs(etl, [mois], DICTIONNAIRE, SEUIL)


@pytest.fixture
def etl(entrepot: Connection) -> Connection:
    """Give the warehouse after 18 months: the n-th has n of 100 in the Var, and 10 of 100 in the Alpes-Maritimes."""
    entrepot.execute(text("SET ROLE av_etl"))
    for rang, mois in enumerate(MOIS, start=1):
        store(entrepot, mois, rang, 100)
        store(entrepot, mois, 10, 100, "061")
        compute(entrepot, mois)
    return entrepot


def read(etl: Connection, code: str, territoire: str, mois: Mois = JUIN_2025) -> dict[str, Decimal]:
    lignes = etl.execute(
        text(
            "SELECT 'mois' AS periode, valeur FROM marts.indicateur"
            " WHERE code = :code AND territoire = :territoire AND mois = :mois"
            " UNION ALL SELECT periode, valeur FROM marts.indicateur_cumule"
            " WHERE code = :code AND territoire = :territoire AND mois = :mois"
        ),
        {"code": code, "territoire": territoire, "mois": str(mois)},
    )
    return {ligne.periode: ligne.valeur for ligne in lignes}


def test_a_month_its_year_twelve_months_and_everything_since_the_beginning(etl: Connection) -> None:
    """June 2025 is the 18th month: 18; since January 13+…+18 = 93; twelve months 7+…+18 = 150; in all 1+…+18 = 171."""
    assert read(etl, "rdv", "831") == {"mois": 18, "annee": 93, "douze_mois": 150, "origine": 171}
    assert read(etl, "rdv", "FR") == {"mois": 28, "annee": 153, "douze_mois": 270, "origine": 351}
    # A rate adds up its terms: 93 of 600, not the mean of six rates that are rounded.
    assert read(etl, "taux", "831") == {
        "mois": Decimal("0.18"), "annee": Decimal("0.155"), "douze_mois": Decimal("0.125"),
        "origine": Decimal("0.095"),
    }  # fmt: skip
    assert read(etl, "rdv", "831", Mois(2024, 12)) == {
        "mois": 12,
        "annee": 78,
        "douze_mois": 78,
        "origine": 78,
    }
    assert read(etl, "rdv", "831", Mois(2025, 1)) == {
        "mois": 13,
        "annee": 13,
        "douze_mois": 90,
        "origine": 91,
    }


def test_june_2025_stands_beside_may_2025_and_june_2024(etl: Connection) -> None:
    """The 18th month, the 17th and the 6th; on a year three times as many, which is +200 %."""
    ligne = etl.execute(
        text(
            "SELECT * FROM marts.indicateur_compare WHERE code = 'taux' AND mois = '2025-06' AND territoire = '831'"
        )
    ).one()
    assert (ligne.valeur, ligne.valeur_mois_precedent, ligne.valeur_annee_precedente) == (
        Decimal("0.18"), Decimal("0.17"), Decimal("0.06"),
    )  # fmt: skip
    assert (ligne.ecart_mois_precedent, ligne.ecart_annee_precedente) == (Decimal("0.01"), Decimal("0.12"))
    assert read(etl, "sur_un_an", "831") == {"mois": 2}
    assert read(etl, "sur_un_an", "FR") == {"mois": Decimal("0.75")}  # 28 where there were 16


@pytest.mark.parametrize("retard", [0, 4, 12], ids=["corrected return", "decision at M+4", "a year later"])
def test_late_data_rewrites_the_months_that_it_touches_and_no_other(etl: Connection, retard: int) -> None:
    """A row that is not rewritten keeps its place in the table (ctid)."""
    corrige = JUIN_2025.shift(-retard)

    def locate(table: str) -> dict[tuple[object, ...], str]:
        periode = "periode" if table == "marts.indicateur_cumule" else "'mois'"
        lignes = etl.execute(
            text(f"SELECT ctid::text, mois, code, {periode}, niveau, territoire FROM {table}")
        )
        return {tuple(ligne[1:]): ligne[0] for ligne in lignes}

    tables = "marts.indicateur", "marts.indicateur_cumule"
    avant = {table: locate(table) for table in tables}
    store(etl, corrige, 50, 100)
    bilan = compute(etl, corrige)
    recrits = {
        (cle[0], cle[1], cle[2])
        for table in tables for cle, place in locate(table).items()
        if avant[table].get(cle) != place
    }  # fmt: skip
    attendus = {(str(corrige), i.code, "mois") for i in DICTIONNAIRE}
    attendus |= {(str(m), "sur_un_an", "mois") for m in (corrige, corrige.shift(12)) if m in MOIS}
    attendus |= {
        (str(m), i.code, periode)
        for m in MOIS if m >= corrige
        for i in (RDV, TAUX) for periode in i.periodes
        if periode == "origine" or (periode == "annee" and m.annee == corrige.annee)
        or (periode == "douze_mois" and m < corrige.shift(12))
    }  # fmt: skip
    assert recrits == attendus
    assert bilan.mois == tuple(sorted({str(corrige), *(str(m) for m in (corrige.shift(12),) if m in MOIS)}))
    ecart = 50 - (18 - retard)
    assert read(etl, "rdv", "831")["origine"] == 171 + ecart
    assert read(etl, "rdv", "831")["douze_mois"] == 150 + (ecart if retard < 12 else 0)
