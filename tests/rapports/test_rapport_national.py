"""What the national team's report says besides: cumulated periods, a year before, attainment; the marts, complete."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from rapports_exemples import JUIN, make_rapport
from sqlalchemy import Connection, text

from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.marts import compute_indicateurs
from aller_vers.partage.partage import Partage
from aller_vers.rapports.classeur import build_classeur
from aller_vers.rapports.contenu import Figure
from aller_vers.rapports.ecriture import write_rapports
from aller_vers.rapports.national import Complement, ScoreNational, read_complement
from aller_vers.rapports.page import build_page
from aller_vers.rapports.sources import read_sources
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages

# By month: demands made, of which a right was opened; lots awaited, of which transmitted.
MESURES = {
    Mois(2024, 5): (90, 27, 100, 90),
    Mois(2024, 6): (100, 30, 100, 90),
    Mois(2025, 5): (110, 44, 100, 95),
    JUIN: (120, 60, 100, 96),
}
DROITS, LOTS = "Demandes d'AJPA qui aboutissent à un droit", "Lots transmis à la Cpam"
PERIODES = {"annee": "depuis janvier 2025", "douze_mois": "douze mois", "origine": "depuis mai 2024, 4 mois"}


def list_definitions() -> list[Indicateur]:
    return [i for i in load_dictionnaire() if i.code in ("taux_droits_ouverts_ajpa", "taux_lots_transmis")]


@pytest.fixture
def entrepot_national(entrepot: Connection) -> Connection:
    """Give a warehouse with four months of one Caf, two of them a year before the two others."""
    entrepot.execute(text("SET ROLE av_etl"))
    for mois, valeurs in MESURES.items():
        couples = zip(
            ("cohorte_demandes", "cohorte_demandes", "transmissions", "transmissions"),
            ("ajpa:deposees", "ajpa:droit_ouvert", "attendues", "transmises"), valeurs, strict=True,
        )  # fmt: skip
        entrepot.execute(
            text(
                "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)"
                " VALUES (:mois, '831', :mesure, :modalite, :v)"
            ),
            [{"mois": str(mois), "mesure": m, "modalite": o, "v": v} for m, o, v in couples],
        )
        compute_indicateurs(entrepot, [mois], list_definitions(), 5)
    return entrepot


def read_feuilles(octets: bytes) -> dict[str, list[tuple[Any, ...]]]:
    classeur = openpyxl.load_workbook(io.BytesIO(octets))
    return {feuille.title: list(feuille.iter_rows(values_only=True)) for feuille in classeur}


def test_the_national_workbook_holds_what_the_marts_cumulate_compare_and_score_and_no_caf_s_does(
    entrepot_national: Connection, tmp_path: Path
) -> None:
    sources = read_sources(entrepot_national, JUIN, list_definitions(), (), Reglages())
    write_rapports(Partage(tmp_path.as_uri()), sources, "national", "cpam")
    national = read_feuilles(next(tmp_path.glob("national/rapports/*/*.xlsx")).read_bytes())

    entete, *cumuls = national["Cumuls"][2:]
    assert entete[5] == "Même période un an avant"
    attendus = {
        PERIODES[li.periode]: li
        for li in entrepot_national.execute(
            text(
                "SELECT c.*, a.valeur AS avant FROM marts.indicateur_cumule AS c LEFT JOIN marts.indicateur_cumule AS a"
                " ON (a.code, a.periode, a.niveau) = (c.code, c.periode, c.niveau) AND a.mois = '2024-06'"
                " WHERE c.mois = '2025-06' AND c.niveau = 'national' AND c.code = 'taux_droits_ouverts_ajpa'"
            )
        )
    }
    assert [(li[0], li[1]) for li in cumuls] == [(DROITS, periode) for periode in PERIODES.values()]
    for _, periode, *figures, a_savoir in cumuls:
        assert not a_savoir  # final
        m = attendus[periode]
        ecart = (m.valeur - m.avant) * 100
        assert figures == [
            pytest.approx(float(v)) for v in (m.numerateur, m.denominateur, m.valeur, m.avant, ecart)
        ]
    # Since January: 44 + 60 of 110 + 120, where it was 27 + 30 of 90 + 100.
    assert cumuls[0][2:4] == (104, 230)
    assert cumuls[0][6] == pytest.approx((104 / 230 - 57 / 190) * 100)
    # Two differences of percentages, in points; the column of the published nation still follows.
    assert national["Indicateurs"][2][4:9] == (
        "Mois précédent", "Écart avec le mois précédent", "Même mois un an avant", "Écart avec l'an dernier",
        "Nation (publiée)",
    )  # fmt: skip
    [ligne] = [li for li in national["Indicateurs"] if li[0] == DROITS]
    assert ligne[3:8] == (0.5, 0.4, 10, 0.3, 20)
    # The Var is a pilot, and nobody else gave anything: the rest is told so.
    groupes = {li[:2]: li[2:] for li in national["Groupes"][3:]}
    pilotes = "Territoires pilotes de l'aller-vers, depuis mai 2023"
    depuis = (27 + 30 + 44 + 60) / (90 + 100 + 110 + 120)
    assert groupes[pilotes, DROITS] == (0.5, "non fourni", None, None, pytest.approx(depuis), "non fourni")
    assert ("Guide du parent aidant, depuis avril 2025", DROITS) in groupes
    entete, *scores = national["Atteinte"][2:]
    assert [li[0] for li in scores] == ["Aller vers les proches aidants", "Ensemble"]
    score = entrepot_national.execute(
        text("SELECT * FROM marts.score WHERE mois = '2025-06' AND niveau = 'national' AND axe = 'ensemble'")
    ).one()
    assert scores[-1][1:7] == (
        score.nb_indicateurs, score.nb_atteints, score.nb_quasi_atteints, score.nb_non_atteints,
        score.nb_non_fournis, score.taux,
    )  # fmt: skip
    assert score.nb_indicateurs == 1
    assert entete[-1] == "Taux d'atteinte"  # no definition gives points

    page = next(tmp_path.glob("national/rapports/*/*.html")).read_text(encoding="utf-8")
    for texte in (
        "depuis janvier 2025", "104 sur 230", "45,2\u202f%", "+15,2\u202fpt", "Atteinte des cibles", "+20,0\u202fpt",
        "Même mois un an avant",
    ):  # fmt: skip
        assert texte in page

    caf = read_feuilles((tmp_path / "831/rapports/2025-06/rapport_831_202506.xlsx").read_bytes())
    assert not {"Cumuls", "Atteinte"} & set(caf)
    page = (tmp_path / "831/rapports/2025-06/rapport_831_202506.html").read_text(encoding="utf-8")
    assert not [t for t in ("Cumuls", "Atteinte des cibles", "un an avant") if t in page]


def test_a_month_without_past_target_nor_return_has_neither_sheet_nor_column(entrepot: Connection) -> None:
    """Definitions are computed, and nobody gave anything: empty tables would say nothing."""
    entrepot.execute(text("SET ROLE av_etl"))
    droits = [i for i in list_definitions() if not i.cibles]
    compute_indicateurs(entrepot, [JUIN], droits, 5)
    complement = read_complement(entrepot, JUIN, droits)
    assert replace(complement, conventions=None) == Complement()
    assert complement.write_conventions() == " Conventions signées : 0 Caf sur 101 (IT 2025-098)."
    assert build_classeur(make_rapport(), complement) == build_classeur(make_rapport())


def test_points_have_their_columns_where_definitions_give_some_and_a_loss_its_sign() -> None:
    scores = [ScoreNational("aller_vers", 4, 2, 1, 1, 1, Decimal("0.625"), Decimal("12.5"), Decimal(20))]
    [*_, entete, ligne] = read_feuilles(build_classeur(make_rapport(), Complement(scores=scores)))["Atteinte"]
    assert entete[-2:] == ("Points obtenus", "Points possibles")
    assert ligne[1:] == (4, 2, 1, 1, 1, 0.625, 12.5, 20)
    page = build_page(make_rapport(), Complement(scores=scores)).decode()
    assert "12,5 / 20" in page
    assert "62,5\u202f%" in page
    assert Figure(Decimal("-0.0125"), "").write_ecart("part") == "−1,3\u202fpt"
    assert Figure(Decimal("3"), "").write_ecart("jours") == "+3\u202fj"
