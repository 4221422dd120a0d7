"""What the national request means, on PostgreSQL and elsewhere (IT 2025-098 §2.1, data contract)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from requete_exemples import AJPA, AJPP, JUIN, Source, extract, read_extrait
from sqlalchemy import Connection, text

from aller_vers.socle.contrat_source import check_contrat
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.suivi.etats import CodeEtat
from aller_vers.suivi.evenements import record_evenement


def identifiants(entrepot: Connection, mois: Mois = JUIN) -> list[str | None]:
    return [ligne["id_personne"] for ligne in read_extrait(entrepot, mois)]


def test_an_applicant_of_the_month_is_extracted_with_their_contacts(source: Source, etl: Connection) -> None:
    source.add(1, AJPA, courriel="Claire@example.org", telephone="01 99 00 12 34", code_postal="83000")
    assert extract(source, etl).lignes == 1
    assert read_extrait(etl) == [
        {
            "id_personne": "1", "code_caf": "831", "code_caf_gestionnaire": "831", "demandes_ajpa": "1",
            "demandes_ajpp": "0", "demandes_autres": "0", "date_premier_depot": "2025-06-10",
            "date_dernier_depot": "2025-06-10", "courriel": "Claire@example.org",
            "telephone": "01 99 00 12 34", "code_postal": "83000", "opposition_contact": "0",
            "affiliation_terminee": "0",
        }
    ]  # fmt: skip


def test_a_person_with_several_applications_and_both_benefits_is_one_row(
    source: Source, etl: Connection
) -> None:
    source.add(1, AJPA, ("AJPA", "renouvellement", "2025-06-25"), AJPP)
    extract(source, etl)
    [ligne] = read_extrait(etl)
    assert (ligne["demandes_ajpa"], ligne["demandes_ajpp"]) == ("2", "1")
    assert (ligne["date_premier_depot"], ligne["date_dernier_depot"]) == ("2025-06-10", "2025-06-25")


def test_two_adults_of_one_dossier_are_two_people(source: Source, etl: Connection) -> None:
    source.add(1, AJPA)
    source.add(2, AJPP)
    source.execute("UPDATE personne SET id_dossier = 1")
    extract(source, etl)
    assert identifiants(etl) == ["1", "2"]


def test_another_benefit_alone_makes_nobody_an_applicant(source: Source, etl: Connection) -> None:
    source.add(1, ("RSA", "initiale", "2025-06-10"))
    assert extract(source, etl).lignes == 0


def test_a_refused_applicant_is_an_applicant(source: Source, etl: Connection) -> None:
    source.add(1, AJPA)
    source.execute("UPDATE demande SET etat = 'refusee'")
    assert extract(source, etl).lignes == 1


@pytest.mark.parametrize(
    ("cas", "caf", "au_depot", "pivot"),
    [
        ("a pivot manages the file", "831", "831", "751"),
        ("the person moved after the deposit", "831", "061", "061"),
        ("the person moved and a pivot manages", "831", "061", "751"),
    ],
)
def test_the_caf_is_that_of_affiliation_and_neither_the_pivot_nor_the_caf_at_deposit(
    source: Source, etl: Connection, cas: str, caf: str, au_depot: str, pivot: str
) -> None:
    source.add(1, AJPA, caf=caf, caf_au_depot=au_depot, pivot=pivot)
    extract(source, etl)
    [ligne] = read_extrait(etl)
    assert (ligne["code_caf"], ligne["code_caf_gestionnaire"]) == (caf, pivot)


def test_the_setting_chooses_the_natures_of_application(source: Source, etl: Connection) -> None:
    source.add(1, ("AJPA", "initiale", "2025-06-10"))
    source.add(2, ("AJPA", "renouvellement", "2025-06-10"))
    extract(source, etl, natures=("initiale",))
    assert identifiants(etl) == ["1"]
    extract(source, etl, natures=("renouvellement",))
    assert identifiants(etl) == ["2"]
    extract(source, etl)
    assert identifiants(etl) == ["1", "2"]


@pytest.mark.parametrize(
    ("jour", "compte"),
    [("2025-05-31", 0), ("2025-06-01", 1), ("2025-06-30", 1), ("2025-07-01", 0), ("2024-06-15", 0)],
)
def test_the_first_day_of_the_month_counts_and_that_of_the_next_does_not(
    source: Source, etl: Connection, jour: str, compte: int
) -> None:
    source.add(1, ("AJPA", "initiale", jour))
    assert extract(source, etl).lignes == compte


@pytest.mark.parametrize(
    ("instant", "compte"),
    [("2025-05-31 23:59:59", 0), ("2025-06-01 00:00:00", 1), ("2025-06-30 23:59:59", 1), ("2025-07-01", 0)],
)
def test_a_deposit_at_midnight_or_just_before_belongs_to_its_own_day(
    source_postgres: Source, etl: Connection, instant: str, compte: int
) -> None:
    source_postgres.execute("ALTER TABLE demande ALTER COLUMN date_depot TYPE timestamp")
    source_postgres.add(1, ("AJPA", "initiale", instant))
    assert extract(source_postgres, etl).lignes == compte


@pytest.mark.parametrize(
    ("opposition", "fin", "attendu"),
    [
        (True, None, ("1", "0")),
        (None, None, (None, "0")),
        (False, "2025-06-30", ("0", "1")),
        (False, "2025-07-01", ("0", "1")),
        (True, "2025-06-30", ("1", "1")),
    ],
)
def test_who_objects_may_object_or_has_left_is_counted_but_their_contacts_stay_in_the_source(
    source: Source,
    etl: Connection,
    opposition: bool | None,
    fin: str | None,
    attendu: tuple[str | None, str | None],
) -> None:
    if opposition is None and source.connexion.dialect.name == "postgresql":
        source.execute("ALTER TABLE personne ALTER COLUMN opposition_contact DROP NOT NULL")
    source.add(1, AJPA, opposition=opposition, fin_affiliation=fin)
    extract(source, etl)
    [ligne] = read_extrait(etl)
    assert (ligne["opposition_contact"], ligne["affiliation_terminee"]) == attendu
    assert (ligne["courriel"], ligne["telephone"], ligne["code_postal"]) == (None, None, None)


def test_an_affiliation_that_ends_after_the_extraction_has_not_ended(source: Source, etl: Connection) -> None:
    source.add(1, AJPA, fin_affiliation="2025-07-02")
    extract(source, etl, jour=date(2025, 7, 1))
    [ligne] = read_extrait(etl)
    assert (ligne["affiliation_terminee"], ligne["courriel"]) == ("0", "claire@example.org")


def test_an_applicant_without_person_or_dossier_is_seen_and_not_dropped_in_silence(
    source: Source, etl: Connection
) -> None:
    source.add(1, AJPA)
    source.add(2, AJPA)
    source.execute("DELETE FROM dossier WHERE id_dossier = 1", "DELETE FROM personne WHERE id_personne = 2")
    extract(source, etl)
    assert [(ligne["id_personne"], ligne["code_caf"]) for ligne in read_extrait(etl)] == [
        ("1", None),
        ("2", None),
    ]


def test_every_missing_table_and_column_is_named_before_anything_is_read(
    source: Source, etl: Connection
) -> None:
    source.add(1, AJPA)
    extract(source, etl)
    source.execute(
        "DROP TABLE separation",
        "ALTER TABLE personne DROP COLUMN telephone",
        "ALTER TABLE demande DROP COLUMN lien_aide",
    )
    with pytest.raises(ErreurAllerVers) as erreur:
        extract(source, etl)
    assert erreur.value.constat == (
        "La source ne respecte pas son contrat : il manque la colonne personne.telephone, "
        "la colonne demande.lien_aide, la table separation."
    )
    assert "contrat.sql" in erreur.value.remede
    assert identifiants(etl) == ["1"]


def test_one_missing_table_is_named(source: Source) -> None:
    source.execute("DROP TABLE demande")
    with pytest.raises(ErreurAllerVers, match=r"il manque la table demande\."):
        check_contrat(source.connexion)


def test_a_source_may_expose_views_or_foreign_schemas(source_postgres: Source, etl: Connection) -> None:
    source_postgres.add(1, AJPA)
    source_postgres.execute(
        "CREATE SCHEMA exposition",
        "CREATE VIEW exposition.demande AS SELECT * FROM public.demande",
        "CREATE MATERIALIZED VIEW exposition.personne AS SELECT * FROM public.personne",
        "ALTER TABLE public.dossier SET SCHEMA exposition",
        "SET search_path TO exposition, public",
    )
    assert extract(source_postgres, etl).lignes == 1


def test_a_destroyed_month_is_never_extracted_again(source: Source, etl: Connection) -> None:
    source.add(1, AJPA, ("AJPA", "initiale", "2025-05-10"))
    record_evenement(etl, mois="2025-06", code_caf="FR", version=1, etat="expire", acteur="essai")
    with pytest.raises(ErreurAllerVers, match="Le mois 2025-06 a été détruit"):
        extract(source, etl)
    assert etl.scalar(text("SELECT count(*) FROM staging.demandeur_brut")) == 0
    assert extract(source, etl, Mois(2025, 5)).lignes == 1


def test_a_caf_whose_persons_are_destroyed_is_left_out_and_the_others_are_extracted(
    source: Source, etl: Connection
) -> None:
    source.add(1, AJPA)
    source.add(2, AJPA, caf="591")
    source.apply(3, AJPA)  # of nobody: without a Caf
    record_evenement(etl, mois="2025-06", code_caf="831", version=1, etat="expire", acteur="essai")
    assert extract(source, etl).lignes == 2
    lus = etl.scalars(text("SELECT id_personne FROM staging.demandeur_brut ORDER BY 1")).all()
    assert lus == ["2", "3"]


@pytest.mark.parametrize("etat", ["depose", "detruit"])
def test_a_lot_that_was_dropped_or_that_its_cpam_destroyed_does_not_forbid_a_new_extraction(
    source: Source, etl: Connection, etat: CodeEtat
) -> None:
    source.add(1, AJPA)
    cpam = "831" if etat == "detruit" else None
    record_evenement(
        etl, mois="2025-06", code_caf="831", version=1, etat=etat, acteur="essai", code_cpam=cpam
    )
    assert extract(source, etl).lignes == 1


def test_what_the_source_refuses_names_the_source_and_no_other_connection(
    source_postgres: Source, base_source: str, dsn_role: Callable[[str], str]
) -> None:
    source_postgres.execute("CREATE ROLE sans_droit_de_lecture")
    source_postgres.connexion.commit()
    with (  # noqa: PT012 - two connections
        pytest.raises(ErreurAllerVers, match=r"connexion av_source .*InsufficientPrivilege"),
        open_transaction(base_source, "av_source") as connexion,
        open_transaction(dsn_role("av_etl"), "av_entrepot") as entrepot,
    ):
        connexion.execute(text("SET ROLE sans_droit_de_lecture"))
        extract(Source(connexion), entrepot)
