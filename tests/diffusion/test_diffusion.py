"""What is published of a month: shown or secret, frozen vintage by vintage, read by those who may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from aller_vers.diffusion.publication import Bilan, is_due, publish_diffusion
from aller_vers.indicateurs import Indicateur
from aller_vers.indicateurs.marts import compute_indicateurs
from aller_vers.indicateurs.modele import load_reseau
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf

JUIN = Mois(2025, 6)
BASE: dict[str, Any] = {
    "version": 1, "libelle": "L", "definition": "D", "nature": "IS", "unite": "personnes", "sens": "plus",
    "biais": "B", "levier": "L", "source": "S", "valable_du": date(2020, 9, 1), "journal": ["version 1"],
}  # fmt: skip
COMPTE = Indicateur.model_validate(
    BASE | {"code": "personnes", "type": "compte", "numerateur": {"mesure": "d", "modalite": "tous"}}
)
TAUX = Indicateur.model_validate(
    BASE
    | {
        "code": "taux", "type": "ratio", "unite": "part",
        "numerateur": {"mesure": "n", "modalite": "tous"}, "denominateur": {"mesure": "d", "modalite": "tous"},
    }
)  # fmt: skip
LOTS = Indicateur.model_validate(
    BASE | {"code": "lots", "type": "compte", "numerateur": {"mesure": "lots", "modalite": "deposes"}}
)
PACA = [c.code_caf for c in load_caf().values() if c.code_region == "93"]
Cellules = dict[tuple[str, str, str], tuple[Decimal | None, str]]


@pytest.fixture
def etl(entrepot: Connection) -> Connection:
    """Give the warehouse as ``av_etl``, nothing committed."""
    entrepot.execute(text("SET ROLE av_etl"))
    return entrepot


def store(
    etl: Connection, mesure: str, par_caf: Mapping[str, int], modalite: str = "tous", mois: Mois = JUIN
) -> None:
    etl.execute(
        text("DELETE FROM marts.mesure WHERE mois = :m AND mesure = :n"), {"m": str(mois), "n": mesure}
    )
    etl.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)"
            " VALUES (:mois, :caf, :mesure, :modalite, :valeur)"
        ),
        [
            {"mois": str(mois), "caf": c, "mesure": mesure, "modalite": modalite, "valeur": v}
            for c, v in par_caf.items()
        ],
    )


def publish(etl: Connection, mois: Mois = JUIN) -> Bilan:
    dictionnaire = [COMPTE, LOTS, TAUX]
    compute_indicateurs(etl, mois, dictionnaire, 5)
    return publish_diffusion(etl, mois, dictionnaire, load_reseau(), 5)


def read(etl: Connection, mois: Mois = JUIN) -> Cellules:
    lignes = etl.execute(
        text(
            "SELECT code, niveau, territoire, valeur, statut FROM diffusion.indicateur_courant WHERE mois = :m"
        ),
        {"m": str(mois)},
    )
    return {(li.code, li.niveau, li.territoire): (li.valeur, li.statut) for li in lignes}


GRANDES = dict.fromkeys(load_caf(), 40)
MOITIES = dict.fromkeys(load_caf(), 20)


def test_a_small_count_is_secret_which_is_neither_zero_nor_empty(etl: Connection) -> None:
    petite, nulle = PACA[0], PACA[1]
    store(etl, "d", GRANDES | {petite: 3, nulle: 0})
    bilan = publish(etl)
    cellules = read(etl)
    assert cellules["personnes", "caf", petite] == (None, "secret")
    assert cellules["personnes", "caf", nulle] == (0, "definitif")
    assert cellules["personnes", "national", "FR"] == (99 * 40 + 3, "definitif")
    cachees = [cle for cle, (_, statut) in cellules.items() if statut == "secret"]
    assert {cle[0] for cle in cachees} == {"personnes"}
    assert len(cachees) == 3  # itself, and two that one of them cannot do without the other
    assert bilan == Bilan(0, len(cellules), pytest.approx(3 / 120), 0)


def test_a_rate_is_shown_only_where_both_of_its_terms_are(etl: Connection) -> None:
    sans_num, presque = PACA[0], PACA[1]
    store(etl, "d", GRANDES)
    store(etl, "n", MOITIES | {sans_num: 2, presque: 38})
    publish(etl)
    cellules = read(etl)
    assert cellules["taux", "caf", sans_num] == cellules["taux", "caf", presque] == (None, "secret")
    assert (
        cellules["personnes", "caf", sans_num] == cellules["personnes", "caf", presque] == (40, "definitif")
    )
    nation, statut = cellules["taux", "national", "FR"]
    assert (round(nation or 0, 6), statut) == (round(Decimal(99 * 20 + 40) / (101 * 40), 6), "definitif")


def test_what_counts_no_person_needs_no_secret(etl: Connection) -> None:
    store(etl, "lots", dict.fromkeys(load_caf(), 1), "deposes")
    bilan = publish(etl)
    assert read(etl)["lots", "caf", PACA[0]] == (1, "definitif")
    assert bilan.part_secret == 0


def test_not_provided_and_without_object_stay_what_they_are(etl: Connection) -> None:
    store(etl, "d", dict.fromkeys(PACA[1:], 40) | {PACA[1]: 0})
    store(etl, "n", dict.fromkeys(PACA[1:], 20) | {PACA[1]: 0})
    publish(etl)
    cellules = read(etl)
    assert cellules["taux", "caf", PACA[0]] == (None, "non_fourni")
    assert cellules["taux", "caf", PACA[1]] == (None, "sans_objet")


def test_a_rate_over_fewer_caf_than_gave_its_term_hides_what_the_difference_would_tell(
    etl: Connection,
) -> None:
    """The Caf that gives no numerator is the difference between two sums: it has three people."""
    store(etl, "d", GRANDES | {PACA[0]: 3})
    store(etl, "n", {c: 20 for c in GRANDES if c != PACA[0]})
    publish(etl)
    cellules = read(etl)
    assert cellules["personnes", "region", "93"][1] == "definitif"
    assert cellules["taux", "region", "93"][1] == "secret"


def test_the_same_marts_add_no_vintage_and_a_correction_adds_one(etl: Connection) -> None:
    store(etl, "d", GRANDES | {PACA[0]: 3})
    assert publish(etl).millesime == 0
    avant = read(etl)
    assert publish(etl).millesime is None
    store(etl, "d", GRANDES | {PACA[0]: 3, "751": 55})
    assert publish(etl).millesime == 1
    apres = read(etl)
    assert apres["personnes", "national", "FR"][0] == 99 * 40 + 3 + 55
    assert {c for c, (_, s) in apres.items() if s == "secret"} == {
        c for c, (_, s) in avant.items() if s == "secret"
    }
    [premier] = etl.execute(
        text(
            "SELECT valeur FROM diffusion.indicateur WHERE millesime = 0 AND niveau = 'national' AND code = 'personnes'"
        )
    ).scalars()
    assert premier == avant["personnes", "national", "FR"][0]


def test_a_small_late_return_waits_and_what_was_published_stands(etl: Connection) -> None:
    store(etl, "d", {c: 40 for c in GRANDES if c != PACA[0]})
    publish(etl)
    avant = read(etl)
    store(etl, "d", GRANDES | {PACA[0]: 3})
    bilan = publish(etl)
    assert bilan.millesime is None
    assert bilan.en_attente == 2  # the count, and the rate of which it is the denominator
    assert read(etl) == avant
    store(etl, "d", GRANDES | {PACA[0]: 30})
    assert publish(etl).millesime == 1
    assert read(etl)["personnes", "caf", PACA[0]] == (30, "definitif")


def test_homogeneity_is_over_the_caf_that_are_shown(etl: Connection) -> None:
    store(etl, "d", GRANDES)
    store(etl, "n", MOITIES | {PACA[0]: 2})
    publish(etl)
    [ligne] = etl.execute(text("SELECT * FROM diffusion.homogeneite_courante WHERE code = 'taux'")).all()
    montrees = [c for c, (v, s) in read(etl).items() if c[:2] == ("taux", "caf") and s == "definitif"]
    assert ligne.nb_fournies == len(montrees) < 101
    assert ligne.mini == ligne.maxi == Decimal("0.5")


@pytest.mark.parametrize("role", ["av_diffusion", "av_pilotage"])
def test_who_reads_the_diffusion_reads_nothing_of_what_it_hides(
    dsn_role: Callable[[str], str], entrepot: Connection, role: str
) -> None:
    entrepot.execute(text(f"SET ROLE {role}"))
    entrepot.execute(text("SELECT * FROM diffusion.indicateur_courant, diffusion.homogeneite_courante")).all()
    for ordre in (
        "SELECT * FROM core.secret_statistique",
        "DELETE FROM diffusion.indicateur",
        "INSERT INTO diffusion.homogeneite (millesime) VALUES (0)",
    ):
        with pytest.raises(DBAPIError, match="permission denied"), entrepot.begin_nested():
            entrepot.execute(text(ordre))


def test_what_is_published_cannot_be_changed_even_by_who_publishes(etl: Connection) -> None:
    for ordre in ("UPDATE diffusion.indicateur SET valeur = 0", "DELETE FROM core.secret_statistique"):
        with pytest.raises(DBAPIError, match="permission denied"), etl.begin_nested():
            etl.execute(text(ordre))


def test_a_month_is_published_once_its_returns_have_had_time() -> None:
    assert not is_due(JUIN, date(2025, 7, 31), 2)
    assert is_due(JUIN, date(2025, 8, 1), 2)


def test_a_closed_year_is_shown_where_its_twelve_months_are_and_published_once(etl: Connection) -> None:
    cumulable = TAUX.model_copy(update={"periodes": ("annee",)})
    dictionnaire = [COMPTE, cumulable]
    for numero in range(1, 13):
        mois = Mois(2025, numero)
        store(etl, "d", GRANDES, mois=mois)
        store(etl, "n", MOITIES | ({PACA[0]: 2} if numero == 3 else {}), mois=mois)
        compute_indicateurs(etl, mois, dictionnaire, 5)
        publish_diffusion(etl, mois, dictionnaire, load_reseau(), 5)
    annee = {
        (li.niveau, li.territoire): (li.valeur, li.statut)
        for li in etl.execute(text("SELECT * FROM diffusion.indicateur WHERE periode = 'annee'"))
    }
    assert annee["caf", PACA[0]] == (None, "secret")
    assert annee["caf", "751"] == (Decimal("0.5"), "definitif")
    assert annee["national", "FR"][1] == "definitif"
    mars = {
        t
        for (code, n, t), (_, s) in read(etl, Mois(2025, 3)).items()
        if (code, n, s) == ("taux", "caf", "secret")
    }
    assert {t for (n, t), (_, s) in annee.items() if n == "caf" and s == "secret"} == mars
    nombre = len(annee)
    publish_diffusion(etl, Mois(2025, 12), dictionnaire, load_reseau(), 5)
    assert etl.scalar(text("SELECT count(*) FROM diffusion.indicateur WHERE periode = 'annee'")) == nombre


def test_a_correction_that_waits_is_not_in_the_closed_year_and_the_last_month_closes_it(
    etl: Connection,
) -> None:
    """March's late Caf has three people: it waits, and the year minus its months must not tell them."""
    cumulable = COMPTE.model_copy(update={"periodes": ("annee",)})
    for numero in (1, 2, *range(4, 13), 3):
        mois = Mois(2025, numero)
        store(etl, "d", {c: 40 for c in GRANDES if numero != 3 or c != PACA[0]}, mois=mois)
        compute_indicateurs(etl, mois, [cumulable], 5)
        if numero == 3:
            publish_diffusion(etl, mois, [cumulable], load_reseau(), 5)
            etl.execute(text("DELETE FROM marts.mesure WHERE mois = '2025-03'"))
            store(etl, "d", GRANDES | {PACA[0]: 3}, mois=mois)
            compute_indicateurs(etl, mois, [cumulable], 5)
            assert publish_diffusion(etl, mois, [cumulable], load_reseau(), 5).en_attente == 1
            compute_indicateurs(etl, Mois(2025, 12), [cumulable], 5)
            publish_diffusion(etl, Mois(2025, 2), [cumulable], load_reseau(), 5)
        elif numero != 2:
            publish_diffusion(etl, mois, [cumulable], load_reseau(), 5)
    annee = {
        (li.niveau, li.territoire): (li.valeur, li.statut)
        for li in etl.execute(text("SELECT * FROM diffusion.indicateur WHERE periode = 'annee'"))
    }
    assert annee["national", "FR"] == (12 * 101 * 40 - 40, "definitif")
    assert annee["caf", PACA[0]] == (11 * 40, "definitif")


def test_an_amount_is_shown_only_with_the_number_of_those_whom_it_is_of(etl: Connection) -> None:
    nombre = Indicateur.model_validate(
        BASE | {"code": "droits", "type": "compte",
                "numerateur": {"mesure": "droits_nouveaux_separation", "modalite": "avec_enfants"}}
    )  # fmt: skip
    montant = Indicateur.model_validate(
        BASE | {"code": "montant", "type": "compte", "unite": "euros",
                "numerateur": {"mesure": "montant_droits_nouveaux_separation_eur", "modalite": "avec_enfants"}}
    )  # fmt: skip
    store(etl, "droits_nouveaux_separation", GRANDES | {PACA[0]: 1}, "avec_enfants")
    store(etl, "montant_droits_nouveaux_separation_eur", dict.fromkeys(GRANDES, 9000), "avec_enfants")
    compute_indicateurs(etl, JUIN, [nombre, montant], 5)
    publish_diffusion(etl, JUIN, [nombre, montant], load_reseau(), 5)
    cellules = read(etl)
    assert cellules["montant", "caf", PACA[0]] == (None, "secret")
    assert cellules["montant", "caf", "751"] == (9000, "definitif")
    cachees = {t for (code, n, t), (_, s) in cellules.items() if (code, n, s) == ("droits", "caf", "secret")}
    assert cachees == {
        t for (code, n, t), (_, s) in cellules.items() if (code, n, s) == ("montant", "caf", "secret")
    }
