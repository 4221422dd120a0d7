"""A year of the synthetic network: measured for real where there is a source, drawn where caisses answer."""

from __future__ import annotations

import secrets

import psycopg
import pytest
from annee_tiree import draw_retours
from psycopg import sql
from sqlalchemy import text

from aller_vers.indicateurs.modele import Mesure
from aller_vers.mesures.a_la_source import copy_mesures
from aller_vers.mesures.stockage import store_mesures
from aller_vers.poste.postgres import Grappe
from aller_vers.poste.synthetique import Parametres, fill_source
from aller_vers.requete.extraction import extract_demandeurs
from aller_vers.requete.nettoyage.passe import clean_demandeurs
from aller_vers.requete.publication import publish_mois
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import Reglages


@pytest.fixture(scope="session")
def mesures_de_l_annee(grappe: Grappe, modele_entrepot: str) -> list[Mesure]:
    """Give every measure of 2025 that the network's own steps and the Cpam give, on a real network of small counts."""
    nom = f"source_{secrets.token_hex(6)}"
    with psycopg.connect(grappe.dsn(), autocommit=True) as serveur:
        serveur.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(nom)))
    fill_source(grappe.dsn(nom), Parametres(mois_debut="2024-12", nb_mois=18))
    moteurs = create_moteur(grappe.dsn(nom)), create_moteur(grappe.dsn(modele_entrepot))
    reglages = Reglages()
    with moteurs[0].connect() as source, moteurs[1].connect() as entrepot:
        entrepot.execute(text("SET ROLE av_etl"))
        for numero in range(1, 13):
            mois = Mois(2025, numero)
            extract_demandeurs(source, entrepot, mois, reglages.natures, mois.shift(1).debut)
            clean_demandeurs(entrepot, str(mois))
            publish_mois(entrepot, mois, str(mois), depot=True)
            store_mesures(entrepot, "requete", str(mois))
            source.rollback()
            copy_mesures(source, entrepot, mois, reglages, sorted(load_caf()), suivi=False)
            source.rollback()
        lues = entrepot.execute(
            text("SELECT mois, code_caf, code_cpam, mesure, modalite, classe, valeur FROM marts.mesure")
        )
        mesures = [Mesure(*m) for m in lues]
        entrepot.rollback()
    for moteur in moteurs:
        moteur.dispose()
    return [*mesures, *draw_retours(mesures)]
