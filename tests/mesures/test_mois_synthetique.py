"""Every indicator of the dictionary on one month of the synthetic source: computed, provided, and not trivial."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, Engine, text
from test_dictionnaire_mesures import MODALITES

from aller_vers.indicateurs.dictionnaire import Indicateur, load_dictionnaire
from aller_vers.indicateurs.porte import publish_marts
from aller_vers.mesures.a_la_source import copy_historique, copy_mesures, load_mesures
from aller_vers.mesures.declarees import load_mesures_declarees
from aller_vers.mesures.stockage import store_mesures
from aller_vers.poste.postgres import Grappe
from aller_vers.poste.synthetique import Parametres, fill_source
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf, load_cpam
from aller_vers.socle.reglages import Reglages

# December closes a month, a quarter, a half-year and a year; its evolution looks at the December before.
MOIS, ANNEE_AVANT = Mois(2025, 12), Mois(2024, 12)
RESEAU = ("131", "751", "831")
PARAMETRES = Parametres(
    mois_debut=Mois(2024, 11), nb_mois=18, codes_caf=RESEAU, codes_pivot=("131",), demandes_ajpa_par_mois=300,
    demandes_ajpp_par_mois=120, separations_par_mois=600, contacts_demandeurs_par_mois=600,
)  # fmt: skip
DICTIONNAIRE = load_dictionnaire()


class Valeur(NamedTuple):
    """A national value."""

    numerateur: Decimal | None
    denominateur: Decimal | None
    valeur: Decimal | None
    statut: str


@pytest.fixture(scope="module")
def source(grappe: Grappe) -> Engine:
    """Give the synthetic source."""
    nom = f"source_{secrets.token_hex(6)}"
    with psycopg.connect(grappe.dsn(), autocommit=True) as serveur:
        serveur.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(nom)))
    fill_source(grappe.dsn(nom), PARAMETRES)
    return create_moteur(grappe.dsn(nom))


@pytest.fixture(scope="module")
def entrepot_du_mois(source: Engine, grappe: Grappe, modele_entrepot: str) -> Iterator[Connection]:
    """Give the warehouse with the month's measures and indicators, nothing committed."""
    with create_moteur(grappe.dsn(modele_entrepot)).connect() as connexion:
        connexion.execute(text("SET ROLE av_etl"))
        for mois in (ANNEE_AVANT, MOIS):
            with source.begin() as lecture:
                copy_mesures(lecture, connexion, mois, Reglages(), RESEAU, suivi=False)
        _store_others(connexion)
        store_mesures(connexion, "indicateurs", MOIS)
        _store(connexion, "lots", "attendus", 1, "caf")
        _store(connexion, "lots", "deposes", 1, "caf")
        for mois in (ANNEE_AVANT, MOIS):
            _, jugements = publish_marts(connexion, [mois], f"essai-{mois}", DICTIONNAIRE, 5)
            assert jugements[mois].nation != "retenu", jugements
        yield connexion
        connexion.rollback()


def test_many_months_in_one_pass_are_what_each_gives_by_itself(
    source: Engine, entrepot_du_mois: Connection
) -> None:
    codes = {m.code for m in load_mesures()}
    lues = text(
        "SELECT mois, code_caf, mesure, modalite, classe, valeur FROM marts.mesure WHERE mesure = ANY(:codes)"
    )
    avant = sorted(map(str, entrepot_du_mois.execute(lues, {"codes": list(codes)})))
    with source.begin() as lecture:
        mois = [ANNEE_AVANT, MOIS]
        assert copy_historique(lecture, entrepot_du_mois, mois, codes, Reglages(), RESEAU) == len(avant)
    assert sorted(map(str, entrepot_du_mois.execute(lues, {"codes": list(codes)}))) == avant


def _store_others(entrepot: Connection) -> None:
    """Store what comes from the request, the ledger, returns and files: parts that are less than their wholes."""
    ailleurs = {"lots", "non_recours", *(m.code for m in load_mesures())}
    parts = {
        "tous": 60, "attendues": 9, "attendus": 9, "cibles": 60, "contactables": 50, "personnes_appelees": 40,
        "personnes_jointes": 25, "rdv_honores": 10, "rdv_pris": 12, "acceptations": 15, "agents_a_former": 20,
        "agents_formes": 8, "sans_complementaire": 6, "couvertes": 4,
    }  # fmt: skip
    for code, modalites in MODALITES.items():
        if code not in ailleurs:
            maille = "cpam" if code in ("retour_semestriel", "profil_aidant") else "couple"
            maille = "caf" if code in ("demandeurs", "contacts_utilisables") else maille
            for modalite in sorted(modalites, key=str):
                _store(entrepot, code, modalite, parts.get(str(modalite), 3), maille)
    for declaree in load_mesures_declarees().values():
        for modalite in declaree.modalites or (None,):
            valeur = 100_000 if declaree.code == "population_eligible" else parts.get(str(modalite), 7)
            _store(entrepot, declaree.code, modalite, valeur, declaree.niveau)


def _store(entrepot: Connection, mesure: str, modalite: str | None, valeur: int, maille: str) -> None:
    classe = 3 if mesure == "delai_transmission_jours" else None
    couples = [(c, c) for c in RESEAU]
    lignes = [
        {
            "code_caf": caf if maille in ("caf", "couple") else None,
            "code_cpam": cpam if maille in ("cpam", "couple") else None,
            # A unit cost differs between caisses.
            "valeur": valeur * (1 + rang) if mesure == "cout_contacts_eur" else valeur,
        }
        for rang, (caf, cpam) in enumerate(couples[:1] if maille == "national" else couples)
    ]
    entrepot.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, code_cpam, mesure, modalite, classe, valeur)"
            " SELECT :mois, l.code_caf, l.code_cpam, :mesure, :modalite, :classe, l.valeur"
            " FROM json_to_recordset(CAST(:lignes AS json)) AS l (code_caf text, code_cpam text, valeur numeric)"
            " ON CONFLICT DO NOTHING"
        ),
        {
            "mois": str(MOIS), "mesure": mesure, "modalite": modalite, "classe": classe,
            "lignes": json.dumps(lignes),
        },
    )  # fmt: skip


def read(entrepot: Connection, indicateur: Indicateur, niveau: str = "national") -> list[Valeur]:
    lignes = entrepot.execute(
        text(
            "SELECT numerateur, denominateur, valeur, statut FROM marts.indicateur"
            " WHERE code = :code AND version = :version AND mois = :mois AND niveau = :niveau"
        ),
        {"code": indicateur.code, "version": indicateur.version, "mois": str(MOIS), "niveau": niveau},
    )
    return [Valeur(**ligne._mapping) for ligne in lignes]


def test_the_codes_of_the_network_are_those_of_both_branches() -> None:
    assert set(RESEAU) <= set(load_caf()) & set(load_cpam())


@pytest.mark.parametrize("indicateur", DICTIONNAIRE, ids=lambda i: i.cle)
def test_an_indicator_has_a_value_for_the_nation(
    entrepot_du_mois: Connection, indicateur: Indicateur
) -> None:
    [nation] = read(entrepot_du_mois, indicateur)
    assert nation.statut == "definitif"
    assert nation.valeur is not None
    if indicateur.unite == "part" and indicateur.type != "evolution":
        assert 0 <= nation.valeur <= 1


@pytest.mark.parametrize(
    "indicateur",
    [i for i in DICTIONNAIRE if i.mesures <= {m.code for m in load_mesures()}],
    ids=lambda i: i.cle,
)
def test_the_synthetic_source_gives_a_figure_that_is_not_trivial(
    entrepot_du_mois: Connection, indicateur: Indicateur
) -> None:
    """Not zero, not a whole, nor the same everywhere: what a formula that is wrong would often give."""
    [nation] = read(entrepot_du_mois, indicateur)
    assert nation.valeur is not None
    assert nation.valeur > 0 or indicateur.type == "evolution"
    if indicateur.unite == "part" and indicateur.type != "evolution":
        assert nation.valeur < 1
    caisses = [v.valeur for v in read(entrepot_du_mois, indicateur, "caf") if v.statut == "definitif"]
    assert len(caisses) == len(RESEAU)
    assert len(set(caisses)) > 1 or indicateur.type == "quantile"


def test_the_rates_of_the_source_are_those_that_it_was_drawn_with(entrepot_du_mois: Connection) -> None:
    """39.8 % of AJPA applications lead to a right (IT 2025-098 §1.2), the parameter of the synthetic source."""
    taux = {i.code: i for i in DICTIONNAIRE}
    [ajpa] = read(entrepot_du_mois, taux["taux_droits_ouverts_ajpa"])
    [femmes] = read(entrepot_du_mois, taux["part_femmes_demandeurs"])
    [delai] = read(entrepot_du_mois, taux["delai_decision_median_ajpa"])
    assert ajpa.valeur is not None
    assert femmes.valeur is not None
    assert delai.valeur is not None
    assert abs(float(ajpa.valeur) - 0.398) < 0.15
    assert float(femmes.valeur) > 0.5
    assert abs(float(delai.valeur) - PARAMETRES.delai_decision_median_jours) < 8
