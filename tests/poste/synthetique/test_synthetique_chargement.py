"""Filling a real PostgreSQL: once, whole, or not at all."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

import psycopg
import pytest
from psycopg import sql

from aller_vers.poste.synthetique import Parametres, SourceDejaRemplieError, chargement, fill_source
from aller_vers.poste.synthetique.chargement import write_copy
from aller_vers.poste.synthetique.genres import GenreCourriel, GenreTelephone
from aller_vers.poste.synthetique.tirages import Bloc
from aller_vers.socle.contrat_source import CONTRAT

PETITS = Parametres(nb_mois=3, demandes_ajpa_par_mois=200, demandes_ajpp_par_mois=50, taille_bloc=100)


def count_lignes(dsn: str) -> dict[str, int]:
    with psycopg.connect(dsn) as connexion:
        return {
            table: connexion.execute(
                sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table))
            ).fetchall()[0][0]
            for table in CONTRAT
        }


def test_fills_every_table_and_counts_it(base_vide: str) -> None:
    comptes = fill_source(base_vide, PETITS)
    assert asdict(comptes) == count_lignes(base_vide)
    assert all(asdict(comptes).values())


def test_dirty_values_survive_the_copy(base_vide: str) -> None:
    parametres = PETITS.model_copy(
        update={
            "poids_courriel": {GenreCourriel.FORMULE: 1.0},
            "poids_telephone": {GenreTelephone.INSECABLE: 1.0},
        }
    )
    fill_source(base_vide, parametres)
    with psycopg.connect(base_vide) as connexion:
        courriels = {v for (v,) in connexion.execute("SELECT DISTINCT courriel FROM personne")}
        insecables = connexion.execute(
            "SELECT count(*) FROM personne WHERE strpos(telephone, U&'\\00A0') > 0"
        ).fetchall()
    assert courriels == {"=CMD|'/C calc'!A0", "+33199001234", "@SUM(1+1)", "-2+3", "\t=1+1"}
    assert insecables[0][0] > 0


def test_decisions_follow_deposits(base_vide: str) -> None:
    fill_source(base_vide, Parametres(nb_mois=4, avec_parcours=False))
    with psycopg.connect(base_vide) as connexion:
        ((mediane, mini, ouvertes),) = connexion.execute(
            """
            SELECT
                percentile_cont(0.5) WITHIN GROUP (ORDER BY date_decision - date_depot),
                min(date_decision - date_depot),
                count(*) FILTER (
                    WHERE (date_decision IS NULL)
                    <> (etat IN ('deposee', 'en_instruction', 'pieces_manquantes'))
                )
            FROM demande
            """
        ).fetchall()
    assert 23 <= mediane <= 27
    assert mini >= 1
    assert ouvertes == 0


def test_filling_again_does_nothing(base_vide: str) -> None:
    comptes = fill_source(base_vide, PETITS)
    assert fill_source(base_vide, PETITS) == comptes
    assert count_lignes(base_vide) == asdict(comptes)


def test_other_parameters_are_refused_and_named(base_vide: str) -> None:
    fill_source(base_vide, PETITS)
    avant = count_lignes(base_vide)
    with pytest.raises(SourceDejaRemplieError, match=r"nb_mois : 3 en base, 4 demandé.*Remède"):
        fill_source(base_vide, PETITS.model_copy(update={"nb_mois": 4}))
    assert count_lignes(base_vide) == avant


def test_a_base_with_its_own_tables_is_refused(base_vide: str) -> None:
    with psycopg.connect(base_vide) as connexion:
        connexion.execute("CREATE TABLE public.dossier (id integer)")
    with pytest.raises(SourceDejaRemplieError, match="contient déjà dossier"):
        fill_source(base_vide, PETITS)


def test_an_interruption_leaves_nothing(base_vide: str) -> None:
    def interrupt(bloc: Bloc) -> Iterator[str]:
        if bloc.table == "contact":  # the first month's applications are there
            raise KeyboardInterrupt
        return write_copy(bloc)

    with pytest.MonkeyPatch.context() as essai:
        essai.setattr(chargement, "write_copy", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fill_source(base_vide, PETITS)
    with psycopg.connect(base_vide) as connexion:
        assert connexion.execute("SELECT to_regclass('public.demande')").fetchall() == [(None,)]
    assert fill_source(base_vide, PETITS).demande > 0


def test_a_source_knows_nothing_after_its_day(base_vide: str) -> None:
    """What was decided by then is there as in a source that knows everything; the rest waits."""
    jour = date(2024, 9, 10)
    comptes = fill_source(base_vide, PETITS.model_copy(update={"jour": jour}))
    assert asdict(comptes) == count_lignes(base_vide)
    dates = {
        "demande": "date_decision", "droit": "date_ouverture", "recalcul": "date_recalcul", "contact": "date_contact",
        "rendez_vous": "date_rendez_vous", "accompagnement": "date_realisation",
    }  # fmt: skip
    with psycopg.connect(base_vide) as connexion:
        for table, colonne in dates.items():
            requete = sql.SQL("SELECT max({}) FROM public.{}").format(
                sql.Identifier(colonne), sql.Identifier(table)
            )
            ((dernier,),) = connexion.execute(requete).fetchall()
            assert date(2024, 8, 1) < dernier <= jour
        ((orphelins, indecises),) = connexion.execute(
            "SELECT (SELECT count(*) FROM droit AS r JOIN demande AS d USING (id_demande) WHERE d.etat <> 'accordee'),"
            " (SELECT count(*) FROM demande WHERE etat IN ('accordee', 'refusee', 'sans_suite') AND date_decision IS NULL)"
        ).fetchall()
    assert (orphelins, indecises) == (0, 0)
