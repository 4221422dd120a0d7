"""Indicators: one formula at every level, from a strict dictionary."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from requete_exemples import JUIN, load_net
from sqlalchemy import Connection, text

from aller_vers.indicateurs import Indicateur, load_dictionnaire
from aller_vers.indicateurs.marts import compute_indicateurs
from aller_vers.indicateurs.porte import build_profil, profile_marts, publish_marts, require_marts
from aller_vers.mesures.echeances import Echeances, load_fiches
from aller_vers.mesures.stockage import store_mesures
from aller_vers.requete.publication import publish_mois
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION

MOIS = str(JUIN)
VAR, ALPES_MARITIMES, PARIS = "831", "061", "751"
PACA, ILE_DE_FRANCE = "93", "11"
DEFINITION: dict[str, Any] = {
    "code": "taux", "version": 1, "libelle": "Taux", "definition": "D", "nature": "IS", "type": "ratio",
    "numerateur": {"mesure": "n", "modalite": "tous"}, "denominateur": {"mesure": "d", "modalite": "tous"},
    "unite": "part", "sens": "plus", "biais": "B", "levier": "L", "source": "S",
    "valable_du": date(2020, 9, 1), "journal": ["version 1", "version 2"],
}  # fmt: skip
SEUIL = 5
DE_LA_REQUETE = {"demandeurs", "taux_courriel_valide", "taux_lots_deposes", "taux_transmissible"}
Valeurs = dict[tuple[str, str], tuple[Decimal | None, str, str | None]]


def define(**champs: Any) -> Indicateur:
    return Indicateur.model_validate(DEFINITION | champs)


def compute(etl: Connection, mois: Mois, dictionnaire: list[Indicateur]) -> int:
    return compute_indicateurs(etl, [mois], dictionnaire, SEUIL).indicateurs


def find_ecarts(etl: Connection, *dictionnaire: Indicateur) -> dict[str, dict[str, int]]:
    """Return what the gate counts after a computation, zeros left out."""
    comptes = profile_marts(etl, JUIN, dictionnaire, SEUIL)
    assert len(comptes) == 102
    return {
        code: trouves
        for code, regles in comptes.items()
        if (trouves := {r: n for r, n in regles.items() if n})
    }


def store(etl: Connection, mesure: str, par_caf: dict[str, float], mois: str = MOIS) -> None:
    etl.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)"
            " VALUES (:mois, :caf, :mesure, 'tous', :valeur)"
        ),
        [{"mois": mois, "caf": c, "mesure": mesure, "valeur": v} for c, v in par_caf.items()],
    )


def read_indicateurs(etl: Connection, code: str = "taux", mois: str = MOIS) -> Valeurs:
    lignes = etl.execute(
        text(
            "SELECT niveau, territoire, valeur, statut, atteinte FROM marts.indicateur"
            " WHERE code = :code AND mois = :mois"
        ),
        {"code": code, "mois": mois},
    )
    return {(li.niveau, li.territoire): (li.valeur, li.statut, li.atteinte) for li in lignes}


def read_statuts(etl: Connection) -> dict[tuple[str, str], str]:
    return {cle: statut for cle, (_, statut, _) in read_indicateurs(etl).items()}


def test_122_valid_emails_of_175_applicants_are_69_7_percent(etl: Connection) -> None:
    """IT 2025-098 §1.2: the Var from January to August 2024."""
    load_net(etl, *[{}] * 122, *[{"courriel": "néant", "courriel_net": None}] * 53)
    publish_mois(etl, JUIN, "essai", depot=True)
    store_mesures(etl, "requete", JUIN)
    store_mesures(etl, "indicateurs", JUIN)
    dictionnaire = [i for i in load_dictionnaire() if i.code in DE_LA_REQUETE]
    assert compute(etl, JUIN, dictionnaire) == len(DE_LA_REQUETE)
    assert find_ecarts(etl, *dictionnaire) == {}
    taux = read_indicateurs(etl, "taux_courriel_valide")
    for territoire in (("caf", VAR), ("region", PACA), ("national", "FR")):
        valeur, statut, atteinte = taux[territoire]
        assert valeur is not None
        assert (round(valeur, 3), statut, atteinte) == (Decimal("0.697"), "definitif", None)
    assert read_indicateurs(etl, "demandeurs")["national", "FR"][0] == 175
    assert read_indicateurs(etl, "taux_transmissible")["caf", VAR][0] == 1


def test_every_indicator_of_the_request_finds_its_measures(etl: Connection) -> None:
    load_net(etl, {})
    publish_mois(etl, JUIN, "essai", depot=True)
    store_mesures(etl, "requete", JUIN)
    store_mesures(etl, "indicateurs", JUIN)
    dictionnaire = [i for i in load_dictionnaire() if i.code in DE_LA_REQUETE]
    compute(etl, JUIN, dictionnaire)
    statuts = {i.code: read_indicateurs(etl, i.code)["national", "FR"][1] for i in dictionnaire}
    assert set(statuts.values()) == {"definitif"}
    assert len(read_indicateurs(etl, "demandeurs")) == 1 + 18 + 2 * 3 + 101


def test_a_rate_is_weighted_by_its_flow_at_every_level(etl: Connection) -> None:
    store(etl, "n", {VAR: 1, ALPES_MARITIMES: 30, PARIS: 5})
    store(etl, "d", {VAR: 2, ALPES_MARITIMES: 100, PARIS: 10})
    compute(etl, JUIN, [define()])
    valeurs = {
        cle: round(valeur, 6) for cle, (valeur, _, _) in read_indicateurs(etl).items() if valeur is not None
    }
    assert valeurs == {
        ("caf", VAR): Decimal("0.5"),
        ("caf", ALPES_MARITIMES): Decimal("0.3"),
        ("caf", PARIS): Decimal("0.5"),
        ("region", PACA): Decimal("0.303922"),  # 31 of 102
        ("region", ILE_DE_FRANCE): Decimal("0.5"),
        ("national", "FR"): Decimal("0.321429"),  # 36 of 112
        ("groupe", "pilotes"): Decimal("0.5"),  # the Var
        ("groupe", "hors_pilotes"): Decimal("0.318182"),  # 35 of 110
        ("groupe", "hors_experimentateurs_ajpp"): Decimal("0.321429"),
        ("groupe", "hors_guide_parent_aidant"): Decimal("0.321429"),
    }
    assert find_ecarts(etl, define()) == {}


def test_a_count_adds_up_to_its_region_and_the_nation(etl: Connection) -> None:
    store(etl, "n", {VAR: 1, ALPES_MARITIMES: 30, PARIS: 5})
    compute(etl, JUIN, [define(type="compte", denominateur=None)])
    valeurs = read_indicateurs(etl)
    assert valeurs["national", "FR"][0] == 36
    assert valeurs["region", PACA][0] == 31
    assert valeurs["region", ILE_DE_FRANCE][0] == 5
    regions = [v for (niveau, _), (v, _, _) in valeurs.items() if niveau == "region" and v is not None]
    caf = [v for (niveau, _), (v, _, _) in valeurs.items() if niveau == "caf" and v is not None]
    assert sum(regions) == sum(caf) == 36


def test_what_is_provided_not_provided_or_without_object_is_told_apart(etl: Connection) -> None:
    store(etl, "n", {VAR: 1, PARIS: 0, ALPES_MARITIMES: 4, "011": 0})
    store(etl, "d", {VAR: 2, PARIS: 0, "021": 5, "011": 3})
    compute(etl, JUIN, [define()])
    statuts = read_statuts(etl)
    assert statuts["caf", VAR] == "definitif"
    assert statuts["caf", "011"] == "definitif"
    assert read_indicateurs(etl)["caf", "011"][0] == 0
    assert statuts["caf", PARIS] == statuts["region", ILE_DE_FRANCE] == "sans_objet"
    assert statuts["caf", ALPES_MARITIMES] == statuts["caf", "021"] == statuts["caf", "971"] == "non_fourni"
    assert read_indicateurs(etl)["caf", "971"][0] is None


def test_a_caf_that_gives_one_term_only_does_not_bend_the_rate_of_the_others(etl: Connection) -> None:
    store(etl, "n", {VAR: 1, ALPES_MARITIMES: 400})
    store(etl, "d", {VAR: 2, PARIS: 500})
    compute(etl, JUIN, [define()])
    assert read_indicateurs(etl)["national", "FR"] == (Decimal("0.5"), "definitif", None)
    assert find_ecarts(etl, define()) == {}


def test_a_month_without_measures_is_not_provided_and_not_zero(etl: Connection) -> None:
    store(etl, "n", {VAR: 1}, "2025-05")
    store(etl, "d", {VAR: 1}, "2025-05")
    compte = define(code="compte", type="compte", denominateur=None)
    compute(etl, JUIN, [define(), compte])
    assert set(read_statuts(etl).values()) == {"non_fourni"}
    assert {statut for _, statut, _ in read_indicateurs(etl, "compte").values()} == {"non_fourni"}
    assert find_ecarts(etl, define(), compte) == {}


@pytest.mark.parametrize(
    ("sens", "attendu"),
    [
        (
            "plus",
            {VAR: "non_atteinte", PARIS: "atteinte", "061": "atteinte", "971": "non_atteinte", "011": None},
        ),
        (
            "moins",
            {VAR: "atteinte", PARIS: "atteinte", "061": "non_atteinte", "971": "non_atteinte", "011": None},
        ),
    ],
)
def test_the_target_is_read_in_the_direction_that_is_better(
    etl: Connection, sens: str, attendu: dict[str, str | None]
) -> None:
    """Exactly on the target is reached; not provided is not reached (IGAS 2017-008R §17)."""
    store(etl, "n", {VAR: 69, PARIS: 70, "061": 71, "011": 0})
    store(etl, "d", {VAR: 100, PARIS: 100, "061": 100, "011": 0})
    compute(etl, JUIN, [define(sens=sens, cibles={date(2025, 1, 1): 0.7})])
    valeurs = read_indicateurs(etl)
    assert {caf: valeurs["caf", caf][2] for caf in attendu} == attendu


@pytest.mark.parametrize(
    ("champs", "valable"),
    [
        ({}, True),
        ({"valable_du": date(2025, 6, 30)}, True),
        ({"valable_du": date(2025, 7, 1)}, False),
        ({"valable_au": date(2025, 6, 1)}, True),
        ({"valable_au": date(2025, 5, 31)}, False),
    ],
)
def test_a_definition_is_computed_while_it_is_in_force(
    etl: Connection, champs: dict[str, Any], valable: bool
) -> None:
    assert compute(etl, JUIN, [define(**champs)]) == int(valable)
    assert bool(read_indicateurs(etl)) is valable


def test_recomputing_changes_nothing_and_leaves_other_months(etl: Connection) -> None:
    for mois, n in (("2025-05", 7), (MOIS, 1)):
        store(etl, "n", {VAR: n}, mois)
        store(etl, "d", {VAR: 10}, mois)
        compute(etl, Mois.parse(mois), [define()])
    tout = text("SELECT * FROM marts.indicateur ORDER BY mois, niveau, territoire")
    avant = etl.execute(tout).all()
    compute(etl, JUIN, [define()])
    assert etl.execute(tout).all() == avant
    etl.execute(text("DELETE FROM marts.mesure WHERE mois = :mois"), {"mois": MOIS})
    compute(etl, JUIN, [define()])
    assert read_indicateurs(etl)["caf", VAR][1] == "non_fourni"
    assert read_indicateurs(etl, mois="2025-05")["caf", VAR][0] == Decimal("0.7")


def test_what_is_given_up_is_without_object_from_then_on(etl: Connection) -> None:
    for mois in ("2025-05", MOIS):
        store(etl, "n", {VAR: 1}, mois)
        store(etl, "d", {VAR: 10}, mois)
        compute(etl, Mois.parse(mois), [define(abandonne=date(2025, 6, 30), cibles={date(2025, 1, 1): 0.5})])
    assert read_indicateurs(etl, mois="2025-05")["caf", VAR] == (Decimal("0.1"), "definitif", "non_atteinte")
    assert set(read_indicateurs(etl).values()) == {(None, "sans_objet", None)}


def test_a_value_stands_beside_those_of_the_month_and_the_year_before(etl: Connection) -> None:
    for mois, n in (("2024-06", 4), ("2025-05", 7), (MOIS, 1)):
        store(etl, "n", {VAR: n}, mois)
        store(etl, "d", {VAR: 10}, mois)
        compute(etl, Mois.parse(mois), [define()])
    etl.execute(text("RESET ROLE"))
    etl.execute(text("SET ROLE av_pilotage"))
    ligne = etl.execute(
        text("SELECT * FROM marts.indicateur_compare WHERE mois = '2025-06' AND territoire = '831'")
    ).one()
    assert (ligne.valeur_mois_precedent, ligne.valeur_annee_precedente) == (Decimal("0.7"), Decimal("0.4"))
    assert (ligne.ecart_mois_precedent, ligne.ecart_annee_precedente) == (Decimal("-0.6"), Decimal("-0.3"))


@pytest.mark.parametrize(
    ("faux", "regle"),
    [
        ("SET numerateur = numerateur + 1 WHERE niveau = 'national'", "niveaux_en_desaccord"),
        ("SET numerateur = numerateur + 1, valeur = (numerateur + 1) / denominateur WHERE niveau = 'national'", "niveaux_en_desaccord"),
        ("SET denominateur = 40, valeur = numerateur / 40 WHERE niveau = 'national'", "niveaux_en_desaccord"),
        ("SET numerateur = numerateur - 1, valeur = (numerateur - 1) / denominateur WHERE territoire = '831'", "niveaux_en_desaccord"),
        ("SET numerateur = numerateur - 1, valeur = (numerateur - 1) / denominateur WHERE territoire = '93'", "niveaux_en_desaccord"),
        ("SET numerateur = NULL, denominateur = NULL, valeur = NULL WHERE niveau = 'national'", "niveaux_en_desaccord"),
        ("SET mois = '2025-05' WHERE niveau = 'national'", "niveaux_en_desaccord"),
        ("SET valeur = 0.123 WHERE territoire = '831'", "valeur_differente"),
        ("SET valeur = NULL WHERE territoire = '831'", "valeur_differente"),
        ("SET valeur = 0 WHERE territoire = '971'", "valeur_differente"),
        ("SET statut = 'sans_objet' WHERE territoire = '971'", "valeur_differente"),
        ("SET cible = 0.9 WHERE territoire = 'FR'", "valeur_differente"),
        ("SET mois = '2025-05' WHERE territoire = '971'", "valeur_differente"),
        ("SET numerateur = denominateur * 2, valeur = 2", "hors_bornes"),
        ("SET valeur = -0.1 WHERE territoire = 'FR'", "hors_bornes"),
    ],
)  # fmt: skip
def test_a_tampered_value_is_found(etl: Connection, faux: str, regle: str) -> None:
    store(etl, "n", {VAR: 3, PARIS: 5})
    store(etl, "d", {VAR: 4, PARIS: 10})
    definitions = define(), define(code="juste")
    compute(etl, JUIN, list(definitions))
    assert find_ecarts(etl, *definitions) == {}
    etl.execute(
        text(f"UPDATE marts.indicateur {faux + (' AND' if 'WHERE' in faux else ' WHERE')} code = 'taux'")
    )
    ecarts = find_ecarts(etl, *definitions)
    assert ecarts[NATION][regle] > 0
    assert ecarts[NATION]["valeur_differente"] > 0
    for caf in ("831", "971"):
        assert (caf in ecarts) == (f"'{caf}'" in faux or "WHERE" not in faux)
    profil = build_profil(profile_marts(etl, JUIN, definitions, SEUIL))
    assert profil.nation[regle].item() > 0


def test_two_versions_of_a_month_each_ask_for_their_own_terms(etl: Connection) -> None:
    store(etl, "n", {VAR: 3, PARIS: 2})
    store(etl, "d", {VAR: 4})
    versions = [define(), define(version=2, type="compte", denominateur=None, unite="personnes")]
    compute(etl, JUIN, versions)
    lues = text("SELECT version, valeur FROM marts.indicateur WHERE niveau = 'national' ORDER BY version")
    assert [tuple(li) for li in etl.execute(lues)] == [(1, Decimal("0.75")), (2, Decimal(5))]
    assert find_ecarts(etl, *versions) == {}


def test_a_month_that_was_skipped_is_lost_and_told(etl: Connection) -> None:
    for mois in ("2025-03", "2025-04", MOIS):
        store(etl, "n", {VAR: 3}, mois)
        store(etl, "d", {VAR: 4}, mois)
    for mois in ("2025-03", MOIS):
        compute(etl, Mois.parse(mois), [define()])
    assert find_ecarts(etl, define()) == {NATION: {"mois_perdu": 1}}
    _, jugements = publish_marts(etl, [JUIN], "essai", [define()], SEUIL)
    jugement = jugements[JUIN]
    assert jugement.nation == "avertissement"
    require_marts(JUIN, jugement)
    compute(etl, Mois.parse("2025-04"), [define()])
    compute(etl, JUIN, [define()])
    assert find_ecarts(etl, define()) == {}


def test_a_caf_that_no_longer_gives_what_it_gave_is_warned_of(etl: Connection) -> None:
    for mois, caf in (("2025-05", VAR), (MOIS, PARIS)):
        store(etl, "n", {caf: 3}, mois)
        store(etl, "d", {caf: 4}, mois)
        compute(etl, Mois.parse(mois), [define()])
    assert find_ecarts(etl, define()) == {VAR: {"plus_fourni": 1}}
    _, jugements = publish_marts(etl, [JUIN], "essai", [define()], SEUIL)
    jugement = jugements[JUIN]
    assert (jugement.nation, jugement.par_caf[VAR], jugement.par_caf[PARIS]) == (
        "conforme",
        "avertissement",
        "conforme",
    )


@pytest.mark.parametrize(
    ("mesures", "regle"),
    [
        ({"n": {VAR: 3, "999": 1}, "d": {VAR: 4, "999": 2}}, "caisse_inconnue"),
        ({"n": {VAR: 5}, "d": {VAR: 4}}, "hors_bornes"),
        ({"n": {VAR: -1}, "d": {VAR: 4}}, "hors_bornes"),
    ],
)
def test_what_the_gate_holds_is_not_published_and_the_former_values_stand(
    etl: Connection, mesures: dict[str, dict[str, float]], regle: str
) -> None:
    store(etl, "n", {VAR: 1})
    store(etl, "d", {VAR: 4})
    _, jugements = publish_marts(etl, [JUIN], "premier", [define()], SEUIL)
    jugement = jugements[JUIN]
    require_marts(JUIN, jugement)
    assert jugement.nation == "conforme"
    avant = read_indicateurs(etl)
    etl.execute(text("DELETE FROM marts.mesure"))
    for mesure, par_caf in mesures.items():
        store(etl, mesure, par_caf)
    _, jugements = publish_marts(etl, [JUIN], "second", [define()], SEUIL)
    jugement = jugements[JUIN]
    with pytest.raises(ErreurAllerVers, match=rf"2025-06 ne se recoupent pas : .*{regle} \(\d+\)"):
        require_marts(JUIN, jugement)
    assert read_indicateurs(etl) == avant
    profils = etl.execute(
        text("SELECT run_id, count(*) FROM dq.profil_marts GROUP BY run_id ORDER BY run_id")
    ).all()
    assert [tuple(p) for p in profils] == [("premier", 102), ("second", 102)]
    verdict = etl.scalar(
        text(
            "SELECT verdict FROM dq.verdict WHERE gate = 'marts' AND run_id = 'second' AND regle = :r AND code_caf IS NULL"
        ),
        {"r": regle},
    )
    assert verdict == "retenu"


COHORTE: dict[str, Any] = {
    "numerateur": {"mesure": "cohorte_demandes", "modalite": "tous"},
    "denominateur": {"mesure": "cohorte_demandes", "modalite": "deposees"},
    "cibles": {date(2025, 1, 1): 0.5}, "periodes": ["douze_mois"],
}  # fmt: skip


def see(etl: Connection, jour: date, *mois: Mois, dictionnaire: list[Indicateur]) -> None:
    """Compute months as they are seen from a day."""
    attente = Echeances(jour, load_fiches())
    for m in mois:
        compute_indicateurs(etl, [m], dictionnaire, SEUIL, attente)
        assert profile_marts(etl, m, dictionnaire, SEUIL, attente)[NATION]["valeur_differente"] == 0


def store_cohorte(etl: Connection, mois: Mois, mesuree_le: date, ouverts: int, deposees: int = 1000) -> None:
    etl.execute(text("DELETE FROM marts.mesure WHERE mois = :m"), {"m": str(mois)})
    etl.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur, mesuree_le)"
            " VALUES (:m, '831', 'cohorte_demandes', :modalite, :valeur, :jour)"
        ),
        [
            {"m": str(mois), "modalite": modalite, "valeur": valeur, "jour": mesuree_le}
            for modalite, valeur in (("tous", ouverts), ("deposees", deposees))
        ],
    )


def test_a_cohort_is_provisional_until_m_plus_4_is_past_and_counted_again(etl: Connection) -> None:
    """Annexe 5, « à M + 4 »: 25.2 % on the day of the request is 38.6 % once the follow-up is over."""
    taux, fin = define(**COHORTE), date(2025, 11, 1)
    store_cohorte(etl, JUIN, date(2025, 7, 1), 252)
    attendus = (
        (date(2025, 7, 1), Decimal("0.252"), "provisoire"),
        (fin, Decimal("0.252"), "provisoire"),  # the day has come, the source was not asked again
    )
    for jour, valeur, statut in attendus:
        see(etl, jour, JUIN, dictionnaire=[taux])
        assert read_indicateurs(etl)["national", "FR"] == (valeur, statut, None)
        assert etl.scalar(text("SELECT max(definitif_le) FROM marts.indicateur")) == fin
        assert etl.scalar(text("SELECT count(*) FROM marts.homogeneite")) == 0
        assert etl.scalar(text("SELECT count(*) FROM marts.indicateur_compare")) == 0
        assert etl.scalar(text("SELECT count(*) FROM marts.indicateur_cumule WHERE valeur IS NOT NULL")) == 0
    store_cohorte(etl, JUIN, fin, 386)
    see(etl, fin, JUIN, dictionnaire=[taux])
    assert read_indicateurs(etl)["national", "FR"] == (Decimal("0.386"), "definitif", "non_atteinte")
    assert etl.scalar(text("SELECT nb_fournies FROM marts.homogeneite")) == 1


def test_a_cumulated_period_adds_up_its_final_months_alone(etl: Connection) -> None:
    taux, jour = define(**COHORTE), date(2025, 10, 2)
    store_cohorte(etl, Mois(2025, 5), date(2025, 10, 1), 500)
    store_cohorte(etl, JUIN, jour, 100)
    see(etl, jour, Mois(2025, 5), JUIN, dictionnaire=[taux])
    lignes = etl.execute(
        text(
            "SELECT mois, valeur, statut FROM marts.indicateur_cumule WHERE niveau = 'national' ORDER BY mois"
        )
    ).all()
    assert [tuple(li) for li in lignes] == [
        ("2025-05", Decimal("0.5"), "definitif"), (MOIS, Decimal("0.5"), "provisoire"),
    ]  # fmt: skip


def test_what_is_not_due_is_no_failure_and_what_is_late_is_one(etl: Connection) -> None:
    """IGAS 2017-008R §17, and not before: a month's first report does not say 0 % attained."""
    retour = {"mesure": "retour_mensuel", "modalite": "cibles"}
    recus = define(
        nature="IR", axe="aller_vers", type="compte", maille="couple", numerateur=retour, denominateur=None,
        cibles={date(2025, 1, 1): 1},
    )  # fmt: skip
    see(etl, date(2025, 7, 1), JUIN, dictionnaire=[recus])
    assert set(read_indicateurs(etl).values()) == {(None, "pas_encore_du", None)}
    assert etl.scalar(text("SELECT count(*) FROM marts.score")) == 0
    du = Echeances(date.max, load_fiches()).find("retour_mensuel", JUIN)
    assert du == date(2025, 8, 22)  # 1 July, 5 business days, 45 days
    see(etl, du, JUIN, dictionnaire=[recus])
    assert set(read_indicateurs(etl).values()) == {(None, "non_fourni", "non_atteinte")}
    assert etl.scalar(text("SELECT nb_non_fournis FROM marts.score WHERE niveau = 'national' LIMIT 1")) == 1


def test_98_caf_of_101_sent_is_a_verdict(etl: Connection) -> None:
    """IGAS 2013-164R rec. 1: one lot a Caf is counted, whatever the threshold of people. Of 101, one did not
    send and two say nothing of it.
    """
    lots = {
        "numerateur": {"mesure": "transmissions", "modalite": "transmises"},
        "denominateur": {"mesure": "transmissions", "modalite": "attendues"},
        "cibles": {date(2025, 6, 1): 1}, "part_minimale_caisses": 1,
    }  # fmt: skip
    etl.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)"
            " SELECT :m, c.code_caf, 'transmissions', x.modalite,"
            " CASE WHEN c.code_caf = '831' AND x.modalite = 'transmises' THEN 0 ELSE 1 END FROM marts.caf AS c"
            " CROSS JOIN (VALUES ('attendues'), ('transmises')) AS x (modalite)"
            " WHERE c.code_caf NOT IN ('061', '751')"
        ),
        {"m": MOIS},
    )
    see(etl, date(2026, 1, 1), JUIN, dictionnaire=[define(**lots)])
    ligne = etl.execute(text("SELECT * FROM marts.homogeneite")).one()
    assert (ligne.nb_attendues, ligne.nb_fournies, ligne.nb_atteint) == (101, 99, 98)
    assert round(ligne.part_atteint, 4) == Decimal("0.9703")
    assert ligne.atteinte_homogeneite == "non_atteinte"
