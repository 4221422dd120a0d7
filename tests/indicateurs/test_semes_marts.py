"""One defect for each line of the marts' suite: the verdict, the Caf named, the others not, the alert's words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from requete_exemples import JUIN
from sqlalchemy import Connection, text

from aller_vers.indicateurs import Indicateur
from aller_vers.indicateurs import porte as porte_marts
from aller_vers.indicateurs.porte import publish_marts, require_marts
from aller_vers.qualite.bulletin import announce_porte
from aller_vers.qualite.libelles import find_libelle
from aller_vers.qualite.suites import load_suite
from aller_vers.qualite.verdicts import Jugement
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from canaris import ADRESSE, NUMERO, find_traces, keep_resultats, read_tables

TAUX = Indicateur.model_validate(
    {
        "code": "taux", "version": 1, "libelle": "Taux", "definition": "D", "nature": "IS", "type": "ratio",
        "numerateur": {"mesure": "n", "modalite": "tous"}, "denominateur": {"mesure": "d", "modalite": "tous"},
        "unite": "part", "sens": "plus", "biais": "B", "levier": "L", "source": "S", "periodes": ["annee"],
        "valable_du": date(2020, 9, 1), "journal": ["version 1"],
    }
)  # fmt: skip
LIEN, MATIN = "http://airflow.example.org/runs/essai", datetime(2025, 7, 1, 6, 0, tzinfo=UTC)
COPIE = "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur) SELECT {} FROM marts.mesure"
# What is done to the measures of three clean months, then to what June's computation has just written.
SEMES: dict[tuple[str, str], tuple[str, str]] = {
    ("831", "hors_bornes"): ("", "UPDATE marts.indicateur SET valeur = 2 WHERE mois = '2025-06' AND territoire = '831'"),
    ("831", "valeur_differente"): ("", "UPDATE marts.indicateur SET valeur = 0.1 WHERE mois = '2025-06' AND territoire = '831'"),
    ("831", "plus_fourni"): ("DELETE FROM marts.mesure WHERE mois = '2025-06' AND code_caf = '831'", ""),
    ("831", "non_recours_contradictoire"): ("INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur) VALUES"
        " ('2025-06', '831', 'population_eligible', 'ajpa', 4), ('2025-06', '831', 'beneficiaires', 'ajpa', 5)", ""),
    ("", "caisse_inconnue"): (COPIE.format("mois, '999', mesure, modalite, valeur") + " WHERE mois = '2025-06' AND code_caf = '751'", ""),
    ("", "niveaux_en_desaccord"): ("", "UPDATE marts.indicateur SET numerateur = numerateur + 1 WHERE mois = '2025-06' AND territoire = 'FR'"),
    ("", "valeur_differente"): ("", "UPDATE marts.indicateur SET valeur = 0.1 WHERE mois = '2025-06' AND territoire = 'FR'"),
    ("", "hors_bornes"): ("", "UPDATE marts.indicateur SET valeur = -0.1 WHERE mois = '2025-06' AND territoire = 'FR'"),
    ("", "mois_perdu"): (COPIE.format("'2025-05', code_caf, mesure, modalite, valeur") + " WHERE mois = '2025-04' AND code_caf = '831'", ""),
}  # fmt: skip


@pytest.fixture
def etl(entrepot: Connection) -> Connection:
    """Give the warehouse as ``av_etl``, with the measures of a few months."""
    entrepot.execute(text("SET ROLE av_etl"))
    for mois in ("2025-03", "2025-04", "2025-06"):
        for mesure, valeur in (("n", 6), ("d", 10)):
            entrepot.execute(
                text(
                    "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)"
                    " SELECT :mois, c.code_caf, :mesure, 'tous', :valeur FROM marts.caf AS c"
                    " WHERE c.code_caf IN ('061', '751', '831')"
                ),
                {"mois": mois, "mesure": mesure, "valeur": valeur},
            )
    return entrepot


def publish(etl: Connection, monkeypatch: pytest.MonkeyPatch, mesures: str = "", marts: str = "") -> Jugement:
    """Publish the past, seed, publish June; what is seeded into the marts comes between computing and judging."""
    _, passes = publish_marts(etl, [Mois(2025, 3), Mois(2025, 4)], "passe", [TAUX], 5)
    assert [jugement.nation for jugement in passes.values()] == ["conforme", "conforme"]
    if mesures:
        etl.execute(text(mesures))
    compute = porte_marts.compute_indicateurs

    def compute_then_seed(entrepot: Connection, *arguments: Any) -> Any:
        bilan = compute(entrepot, *arguments)
        if marts:
            assert entrepot.execute(text(marts)).rowcount
        return bilan

    monkeypatch.setattr(porte_marts, "compute_indicateurs", compute_then_seed)
    return publish_marts(etl, [JUIN], "essai", [TAUX], 5)[1][JUIN]


def read_alerte(etl: Connection, jugement: Jugement) -> tuple[str, list[str]]:
    """Announce; return the subject and the lines of the digest."""
    assert announce_porte(etl, "marts", JUIN, jugement, LIEN, MATIN)
    [avis] = etl.execute(text("SELECT objet, corps FROM suivi.avis")).all()
    return avis.objet, [ligne for ligne in avis.corps.splitlines() if ligne.startswith("- ")]


@pytest.mark.parametrize(("caf", "regle"), SEMES)
def test_each_defect_is_caught_for_whom_it_is_about_and_the_alert_names_them(
    etl: Connection, monkeypatch: pytest.MonkeyPatch, caf: str, regle: str
) -> None:
    severites = {a.regle: a.severite for a in load_suite("marts_indicateurs").nation}
    severites |= {a.regle: a.severite for a in load_suite("marts_indicateurs").caf} if caf else {}
    decision = {"critical": "retenu", "warning": "avertissement"}[severites[regle]]
    jugement = publish(etl, monkeypatch, *SEMES[caf, regle])
    [fautif] = [m for m in jugement.manquements if m.regle == regle and (m.code_caf or "") == caf]
    assert fautif.decision == decision
    assert fautif.nombre
    assert {m.code_caf for m in jugement.manquements if m.code_caf} == ({caf} if caf else set())
    assert {c for c, d in jugement.par_caf.items() if d != "conforme"} == ({caf} if caf else set())
    assert (jugement.par_caf[caf] if caf else jugement.nation) == decision
    publie = etl.scalar(text("SELECT count(*) FROM marts.indicateur WHERE mois = '2025-06'"))
    objet, lignes = read_alerte(etl, jugement)
    if jugement.nation == "retenu":
        with pytest.raises(ErreurAllerVers, match=rf"{regle} \(\d+\)"):
            require_marts(JUIN, jugement)
        assert publie == 0
        assert "juin 2025 : le mois est retenu" in objet
    else:
        require_marts(JUIN, jugement)
        assert publie
        assert objet.endswith("1 Caf en avertissement" if caf else "avertissement national")
    [ligne] = [li for li in lignes if li.startswith(f"- {decision} : {find_libelle(regle)} ({regle}) : ")]
    assert (f"831 · Var ({fautif.nombre})" if caf else f"la nation ({fautif.nombre})") in ligne
    assert set(re.findall(r"(\d{3}) ·", " ".join(lignes))) == ({caf} if caf else set())


def test_every_line_of_the_suite_has_its_seeded_defect() -> None:
    suite = load_suite("marts_indicateurs")
    assert set(SEMES) == {("831", a.regle) for a in suite.caf} | {("", a.regle) for a in suite.nation}


def test_a_month_without_defect_is_published_and_says_nothing(
    etl: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    jugement = publish(etl, monkeypatch)
    assert jugement.manquements == ()
    assert not announce_porte(etl, "marts", JUIN, jugement, LIEN, MATIN)


def test_a_canary_among_the_measures_is_in_no_result_nor_verdict_nor_alert(
    etl: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    resultats = keep_resultats(monkeypatch)
    caplog.set_level("DEBUG")
    jugement = publish(
        etl, monkeypatch, COPIE.format(f"mois, '999', '{ADRESSE}', '{NUMERO}', valeur") + " WHERE mois = '2025-06'"
        " AND code_caf = '751' AND mesure = 'n'",
    )  # fmt: skip
    with pytest.raises(ErreurAllerVers, match="caisse_inconnue") as refus:
        require_marts(JUIN, jugement)
    alerte = read_alerte(etl, jugement)
    assert find_traces(read_tables(etl, "marts")) != [], "the canary is where a bad file would have put it"
    assert '"success": false' in "".join(resultats)
    dits = "".join(resultats) + read_tables(etl, "dq", "suivi") + str(refus.value) + str(alerte) + caplog.text
    assert find_traces(dits) == []
