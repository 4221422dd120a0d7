"""Two years of the synthetic source, extracted, cleaned, counted and judged for real: nothing is held for nothing."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import Connection, text

from aller_vers.poste.synthetique.chargement import fill_source
from aller_vers.poste.synthetique.parametres import Parametres
from aller_vers.qualite.verdicts import Jugement
from aller_vers.requete.extraction import extract_demandeurs
from aller_vers.requete.nettoyage.passe import clean_demandeurs
from aller_vers.requete.publication import judge_requete, profile, publish_mois
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.mois import Mois

NATURES = ("initiale", "renouvellement")
DEUX_ANS = Parametres(avec_parcours=False)


def judge_mois(source: Connection, etl: Connection, mois: Mois) -> Jugement:
    """Do what ``requete_nationale`` does, as at the first of the next month."""
    extraction = extract_demandeurs(source, etl, mois, NATURES, mois.shift(1).debut)
    assert extraction.lignes > 1_000
    clean_demandeurs(etl, str(mois))
    profile(etl, mois, str(mois))
    jugement = judge_requete(etl, mois, str(mois))
    publish_mois(etl, mois, str(mois), depot=True)
    return jugement


def test_of_24_clean_months_of_people_no_lot_is_held_nor_any_month(
    base_vide: str, etl: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    demandes = fill_source(base_vide, DEUX_ANS).demande
    assert demandes > 40_000
    averties: Counter[str] = Counter()
    nations: Counter[str] = Counter()
    historique = set()
    with create_moteur(base_vide).connect() as source:
        for mois in DEUX_ANS.list_mois():
            jugement = judge_mois(source, etl, mois)
            tenus = {(m.code_caf, m.regle, m.nombre) for m in jugement.manquements if m.decision == "retenu"}
            assert tenus == set(), str(mois)
            assert jugement.nation != "retenu"
            assert jugement.count()["retenu"] == 0
            averties.update(
                m.regle for m in jugement.manquements if m.code_caf and m.decision == "avertissement"
            )
            nations[jugement.nation] += 1
            historique.add(etl.scalar(text("SELECT count(*) FROM core.publication")))
    assert sum(averties.values()) <= 24 * 101 / 100, "a warning that is always there is read by nobody"
    assert historique == set(range(1, 25)), "each month is judged with those before it"
    with capsys.disabled():
        print(
            f"\n24 mois, {demandes} demandes : 0 retenue ; nation {dict(nations)} ;"
            f" avertissements {sum(averties.values())} sur {24 * 101} verdicts de Caf : {dict(averties)}"
        )
