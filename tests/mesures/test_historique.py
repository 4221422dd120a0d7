"""« Depuis 2020 »: 61 months of applications at the source, of which 39.8 % led to a right, by construction."""

from __future__ import annotations

import pytest
from mesures_exemples import VAR, Atelier
from sqlalchemy import text

from aller_vers.indicateurs.dictionnaire import load_dictionnaire
from aller_vers.indicateurs.historique import resume_historique
from aller_vers.indicateurs.marts import compute_indicateurs
from aller_vers.indicateurs.porte import profile_marts
from aller_vers.indicateurs.verrou import read_verrou
from aller_vers.mesures.a_la_source import copy_mesures
from aller_vers.rapports.national import read_complement
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.reglages import Reglages

OCTOBRE_2020, OCTOBRE_2025 = Mois(2020, 10), Mois(2025, 10)
AJPA = [i for i in load_dictionnaire() if i.code == "taux_droits_ouverts_ajpa"]
# 20 applications the first month, one more each next one, 30 the last: 3,000. Of each hundred in their order, 39.8 on
# average open a right within a month: 1,194. One in three of the others opens one in the sixth month: too late.
SOURCE = """
    INSERT INTO dossier SELECT 1, '831', NULL, NULL;
    INSERT INTO personne SELECT n, 1, NULL, NULL, false, 'F', 1970 FROM generate_series(1, 3000) AS n;
    INSERT INTO demande
    SELECT
        n, n, '831', '831', 'AJPA', 'initiale', d.depot, 'accordee',
        d.depot + CASE WHEN floor(n * 0.398) > floor((n - 1) * 0.398) THEN 30 ELSE 180 END, NULL
    FROM (
        SELECT
            m, row_number() OVER (ORDER BY m, k) AS n,
            CAST(DATE '2020-10-05' + m * INTERVAL '1 month' AS date) AS depot
        FROM generate_series(0, 60) AS m
        CROSS JOIN LATERAL generate_series(1, CASE m WHEN 60 THEN 30 ELSE 20 + m END) AS k
    ) AS d;
    INSERT INTO droit
    SELECT id_demande, id_personne, '831', id_demande, NULL, 'AJPA', date_decision, 100, true
    FROM demande WHERE date_decision = date_depot + 30 OR id_demande % 3 = 0
"""


@pytest.fixture
def depuis_2020(atelier: Atelier) -> Atelier:
    """Give this source, and a warehouse of March 2026 that has computed October 2025 alone."""
    atelier.source.connexion.exec_driver_sql(SOURCE.replace("%", "%%"))
    atelier.source.connexion.commit()
    atelier.entrepot.execute(text("RESET ROLE"))
    atelier.entrepot.execute(
        text("INSERT INTO suivi.horloge (decalage) VALUES ('2026-03-15 12:00+01' - now())")
    )
    atelier.entrepot.execute(text("SET ROLE av_etl"))
    copy_mesures(atelier.source.connexion, atelier.entrepot, OCTOBRE_2025, Reglages(), (VAR,), suivi=False)
    atelier.source.connexion.commit()
    compute_indicateurs(atelier.entrepot, [OCTOBRE_2025], AJPA, 5)
    return atelier


def resume(atelier: Atelier, depuis: Mois = OCTOBRE_2020) -> list[Mois]:
    mois = resume_historique(
        atelier.source.connexion, atelier.entrepot, depuis, OCTOBRE_2025, Reglages(), AJPA, (VAR,)
    )
    atelier.source.connexion.commit()
    return mois


def tell(atelier: Atelier) -> tuple[str, str, str]:
    [cumul] = [
        c
        for c in read_complement(atelier.entrepot, OCTOBRE_2025, AJPA).cumuls
        if "depuis" in c.periode and "oct" in c.periode
    ]
    return (
        cumul.periode,
        f"{cumul.numerateur.valeur:f} / {cumul.denominateur.valeur:f}",
        cumul.valeur.write("part"),
    )


def test_39_8_percent_of_the_applications_since_october_2020_led_to_a_right(depuis_2020: Atelier) -> None:
    assert tell(depuis_2020)[:2] == ("depuis octobre 2025, 1 mois", "12 / 30")
    assert len(resume(depuis_2020)) == 60, "October 2025 keeps what its own run has counted"
    attendu = ("depuis octobre 2020, 61 mois", "1194 / 3000", "39,8\N{NARROW NO-BREAK SPACE}%")
    assert tell(depuis_2020) == attendu
    assert len(resume(depuis_2020)) == 60
    assert tell(depuis_2020) == attendu


def test_each_month_says_by_the_hash_of_the_lock_what_gave_its_values(depuis_2020: Atelier) -> None:
    resume(depuis_2020)
    sceau = read_verrou()["taux_droits_ouverts_ajpa/1"]
    assert depuis_2020.entrepot.execute(
        text("SELECT empreinte, count(*) FROM marts.empreinte GROUP BY empreinte")
    ).all() == [(f"{sceau.formule}-{sceau.calcul}", 61)]


def test_a_month_computed_again_keeps_the_history_in_its_sum(depuis_2020: Atelier) -> None:
    resume(depuis_2020)
    compute_indicateurs(depuis_2020.entrepot, [OCTOBRE_2025], AJPA, 5)
    assert tell(depuis_2020)[1] == "1194 / 3000"


def test_a_month_that_was_only_taken_up_is_not_told_as_lost(depuis_2020: Atelier) -> None:
    entrepot = depuis_2020.entrepot
    resume(depuis_2020)
    for mois in (OCTOBRE_2025.shift(-3), OCTOBRE_2025):
        compute_indicateurs(entrepot, [mois], AJPA, 5)
    assert profile_marts(entrepot, OCTOBRE_2025, AJPA, 5)[NATION]["mois_perdu"] == 0
    autre = "INSERT INTO marts.mesure (mois, code_caf, mesure, valeur) VALUES ('2025-08', '831', 'separations', 1)"
    entrepot.execute(text(autre))
    assert profile_marts(entrepot, OCTOBRE_2025, AJPA, 5)[NATION]["mois_perdu"] == 1


def test_a_first_month_after_the_last_is_refused(depuis_2020: Atelier) -> None:
    with pytest.raises(ErreurAllerVers, match="Aucun mois à reprendre"):
        resume(depuis_2020, OCTOBRE_2025.shift(1))
