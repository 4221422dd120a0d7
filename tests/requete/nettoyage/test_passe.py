"""The cleaning of a month, on a real warehouse."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from sqlalchemy import Connection, text

from aller_vers.requete.nettoyage import passe
from aller_vers.requete.nettoyage.passe import BilanNettoyage, clean_demandeurs
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.partitions import replace_partition

MOIS = "2025-06"
TOULON, POINTE_A_PITRE = "83000", "97110"

Contacts = tuple[str | None, str | None, str | None]


def load_brut(
    entrepot: Connection,
    *contacts: Contacts,
    mois: str = MOIS,
    opposition_contact: str | None = "0",
    affiliation_terminee: str | None = "0",
) -> None:
    """Replace the month's extract by these e-mails, telephones and postcodes, one row each."""
    replace_partition(entrepot, "staging.demandeur_brut", mois)
    commun = {"opposition_contact": opposition_contact, "affiliation_terminee": affiliation_terminee}
    entrepot.execute(
        text(
            "INSERT INTO staging.demandeur_brut (mois, ligne, id_personne, code_caf, courriel, telephone, "
            "code_postal, opposition_contact, affiliation_terminee) "
            "VALUES (:mois, :ligne, :id_personne, '831', :courriel, :telephone, :code_postal, "
            ":opposition_contact, :affiliation_terminee)"
        ),
        [
            {"mois": mois, "ligne": ligne, "id_personne": str(1000 + ligne), **commun}
            | dict(zip(("courriel", "telephone", "code_postal"), valeurs, strict=True))
            for ligne, valeurs in enumerate(contacts, start=1)
        ],
    )


def read_nettoyes(entrepot: Connection, mois: str = MOIS) -> list[tuple[Any, ...]]:
    requete = text(
        "SELECT courriel_net, telephone_net, code_postal_net, motifs FROM staging.demandeur "
        "WHERE mois = :mois ORDER BY ligne"
    )
    return [tuple(ligne) for ligne in entrepot.execute(requete, {"mois": mois})]


@pytest.mark.parametrize(
    ("brut", "net", "motifs"),
    [
        pytest.param(
            ("Claire@Example.org", "0199001234", TOULON),
            ("claire@example.org", "01 99 00 12 34", TOULON),
            [],
            id="tout par motif",
        ),
        pytest.param(
            ("mailto:claire@example.org", "+32 470 12 34 56", "83 000"),
            ("claire@example.org", "0032 470 12 34 56", TOULON),
            [],
            id="tout par bibliothèque",
        ),
        pytest.param(
            ("claire@example.org", "0594 80 12 34", POINTE_A_PITRE),
            ("claire@example.org", "05 94 80 12 34", POINTE_A_PITRE),
            [],
            id="l'un par motif, l'autre par bibliothèque",
        ),
        pytest.param(
            (None, " ", "\u00a0"),
            (None, None, None),
            ["courriel_absent", "telephone_absent", "code_postal_absent"],
            id="rien",
        ),
        pytest.param(
            ("néant", "0000000000", "99999"),
            (None, None, None),
            ["courriel_invalide", "telephone_invalide", "code_postal_inconnu"],
            id="rien d'utilisable",
        ),
        pytest.param(
            ("a@example.org;b@example.org", "0199001234 / 0536491234", "83000.0"),
            (None, None, TOULON),
            ["courriel_multiple", "telephone_multiple"],
            id="deux de chaque",
        ),
        pytest.param(
            ("0199001234", "claire@example.org", TOULON),
            (None, None, TOULON),
            ["champs_inverses"],
            id="champs inversés, comptés une fois",
        ),
        pytest.param(
            ("claire@example.org", "paul@example.org", "PARIS"),
            ("claire@example.org", None, None),
            ["champs_inverses", "code_postal_inconnu"],
            id="courriel à la place du téléphone",
        ),
    ],
)
def test_a_row_is_cleaned_with_every_reason_that_emptied_a_value(
    entrepot: Connection, brut: Contacts, net: Contacts, motifs: list[str]
) -> None:
    load_brut(entrepot, brut)
    clean_demandeurs(entrepot, MOIS)
    assert read_nettoyes(entrepot) == [(*net, motifs)]


@pytest.mark.parametrize(
    ("opposition", "terminee"), [("1", "0"), ("0", "1"), ("1", "1"), (None, "0"), ("0", None)]
)
def test_who_is_not_transmitted_has_no_clean_value_and_no_reason(
    entrepot: Connection, opposition: str | None, terminee: str | None
) -> None:
    load_brut(
        entrepot,
        (None, None, None),
        ("a@example.org", "+32 470 12 34 56", TOULON),
        opposition_contact=opposition,
        affiliation_terminee=terminee,
    )
    bilan = clean_demandeurs(entrepot, MOIS)
    assert read_nettoyes(entrepot) == [(None, None, None, [])] * 2
    assert bilan == BilanNettoyage(2, 0, 0, 0)


def test_the_raw_values_and_the_other_columns_are_kept(entrepot: Connection) -> None:
    load_brut(entrepot, (" A@example.org", "néant", "830"))
    clean_demandeurs(entrepot, MOIS)
    communes = (
        "mois, ligne, id_personne, code_caf, code_caf_gestionnaire, demandes_ajpa, demandes_ajpp, "
        "demandes_autres, date_premier_depot, date_dernier_depot, courriel, telephone, code_postal, "
        "opposition_contact, affiliation_terminee"
    )
    brut = entrepot.execute(text(f"SELECT {communes} FROM staging.demandeur_brut")).all()
    assert entrepot.execute(text(f"SELECT {communes} FROM staging.demandeur")).all() == brut


def test_the_counts_say_who_decided(entrepot: Connection) -> None:
    load_brut(
        entrepot,
        ("a@example.org", "0199001234", TOULON),  # two by pattern
        ("mailto:a@example.org", "0199001234", TOULON),  # one by pattern, one by the library
        ("néant", None, TOULON),  # one refused by the library
        ("a@b.test", "0000000000", TOULON),  # two refused by the library
        (None, "", TOULON),
    )
    assert clean_demandeurs(entrepot, MOIS) == BilanNettoyage(
        lignes=5, par_motif_sql=3, par_bibliotheque=4, refuses_par_bibliotheque=3
    )


def test_running_again_changes_nothing_and_touches_no_other_month(entrepot: Connection) -> None:
    load_brut(entrepot, ("mai@example.org", None, TOULON), mois="2025-05")
    clean_demandeurs(entrepot, "2025-05")
    load_brut(entrepot, ("a@example.org", "+32 470 12 34 56", TOULON), ("néant", None, None))
    premier = clean_demandeurs(entrepot, MOIS), read_nettoyes(entrepot)
    assert (clean_demandeurs(entrepot, MOIS), read_nettoyes(entrepot)) == premier
    assert len(read_nettoyes(entrepot, "2025-05")) == 1


def test_an_empty_month_is_cleaned_too(entrepot: Connection) -> None:
    replace_partition(entrepot, "staging.demandeur_brut", MOIS)
    assert clean_demandeurs(entrepot, MOIS) == BilanNettoyage(0, 0, 0, 0)


def test_a_failure_leaves_the_former_rows(entrepot: Connection) -> None:
    load_brut(entrepot, ("a@example.org", None, TOULON))
    clean_demandeurs(entrepot, MOIS)
    avant = read_nettoyes(entrepot)
    entrepot.execute(text("UPDATE staging.demandeur_brut SET courriel = NULL"))
    sauvegarde = entrepot.begin_nested()
    clean_demandeurs(entrepot, MOIS)
    sauvegarde.rollback()
    assert read_nettoyes(entrepot) == avant


def test_nothing_stays_after_the_transaction(entrepot: Connection) -> None:
    load_brut(entrepot, ("néant", None, TOULON))
    clean_demandeurs(entrepot, MOIS)
    entrepot.commit()
    for table in ("ligne_lue", "avis_bibliotheque"):
        assert entrepot.scalar(text(f"SELECT to_regclass('pg_temp.{table}')")) is None


def test_the_statistics_hold_no_contact(entrepot: Connection) -> None:
    load_brut(entrepot, *[("canari@example.org", "+32 470 12 34 56", TOULON)] * 50)
    clean_demandeurs(entrepot, MOIS)
    entrepot.commit()
    colonnes = entrepot.scalars(
        text("SELECT attname FROM pg_stats WHERE tablename = 'demandeur_2025_06'")
    ).all()
    assert "code_caf" in colonnes
    assert not {"courriel", "telephone", "code_postal", "id_personne", "courriel_net", "telephone_net"} & {
        *colonnes
    }


def test_an_error_of_the_warehouse_names_no_value(entrepot: Connection) -> None:
    load_brut(entrepot, ("mailto:canari@example.org", "canari", TOULON))
    with entrepot.begin_nested():
        entrepot.exec_driver_sql(
            "ALTER TABLE staging.demandeur ADD CONSTRAINT jamais CHECK (courriel_net IS NULL)"
        )
        with pytest.raises(ErreurAllerVers, match="CheckViolation") as erreur:
            clean_demandeurs(entrepot, MOIS)
        assert "canari" not in str(erreur.value)
        assert erreur.value.__suppress_context__
        entrepot.rollback()


def test_a_month_that_is_not_one_is_refused(entrepot: Connection) -> None:
    with pytest.raises(ErreurAllerVers):
        clean_demandeurs(entrepot, "2025-13")


def test_memory_does_not_grow_with_the_rows(entrepot: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passe, "_TRANCHE", 100)
    pics = []
    for lignes in (500, 5_000):
        load_brut(entrepot, *[("mailto:a@example.org", "+32 470 12 34 56", TOULON)] * lignes)
        tracemalloc.start()
        bilan = clean_demandeurs(entrepot, MOIS)
        pics.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert bilan == BilanNettoyage(lignes, 0, 2 * lignes, 0)
    assert pics[1] < 3 * pics[0]  # not ten times: another thread of the process may hold something too
