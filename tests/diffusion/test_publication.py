"""What is published: final counts of people, rounded, dated, corrected; and what stays inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from aller_vers.diffusion.arrondi import Arrondi
from aller_vers.diffusion.modele import Case
from aller_vers.diffusion.publication import (
    Bilan,
    Lieux,
    assemble,
    find_dernier_du,
    name_terme,
    publish_diffusion,
    read_cases,
)
from aller_vers.indicateurs import Indicateur, load_dictionnaire
from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.dictionnaire import TOUTES, Composant, Diffusion
from aller_vers.indicateurs.marts import compute_indicateurs
from aller_vers.indicateurs.modele import Mesure, Reseau, Valeur, load_reseau
from aller_vers.mesures.comptes import load_comptes, load_sans_personne
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf

JUIN, DECEMBRE = Mois(2025, 6), Mois(2025, 12)
ARRONDI = Arrondi(b"une clef pour les tests, longue de 32 octets et plus", 5, 20)
RESEAU = load_reseau()
BASE: dict[str, Any] = {
    "version": 1, "libelle": "L", "definition": "D", "nature": "IS", "unite": "personnes", "sens": "plus",
    "biais": "B", "levier": "L", "source": "S", "valable_du": date(2020, 9, 1), "journal": ["version 1"],
    "diffusion": "public",
}  # fmt: skip


def define(
    code: str, type_: str, numerateur: object, denominateur: object = None, **autres: object
) -> Indicateur:
    champs = {"code": code, "type": type_, "numerateur": numerateur, "denominateur": denominateur}
    return Indicateur.model_validate(BASE | champs | autres)


TOUS = {"mesure": "demandeurs", "modalite": "tous"}
COMPTE = define("personnes", "compte", TOUS, periodes=["annee"])
TAUX = define(
    "taux", "ratio", {"mesure": "contacts_utilisables", "modalite": "tous"}, TOUS, unite="part",
    cibles={date(2020, 1, 1): "0.6"},
)  # fmt: skip
COHORTE = define("cohorte", "compte", {"mesure": "cohorte_demandes", "modalite": "tous"})
LOTS = define("lots", "compte", {"mesure": "lots", "modalite": "deposes"})
HISTOIRE = define(
    "mediane", "quantile", {"mesure": "delai_decision_jours", "modalite": "ajpa"}, quantile="0.5", unite="jours"
)  # fmt: skip
MOYENNE = define("moyenne", "moyenne", {"mesure": "delai_decision_jours", "modalite": "ajpa"}, unite="jours")
EVOLUTION = define("evolution", "evolution", TOUS, recul_mois=1, unite="part")
Cellules = dict[tuple[str, str, str], tuple[Decimal | None, Decimal | None, Decimal | None, str]]


def show(
    dictionnaire: list[Indicateur], par_caf: Mapping[tuple[str, str], Mapping[str, int]], *, mois: Mois = JUIN,
    arrondi: Arrondi = ARRONDI,
) -> dict[tuple[str, str, str, str], Case]:  # fmt: skip
    """Publish counts by measure, modality and Caf (``751`` or ``751/3`` for class 3)."""
    mesures = [
        Mesure(str(mois), c.split("/")[0], None, mesure, modalite, int(c.split("/")[1]) if "/" in c else None, Decimal(n))
        for (mesure, modalite), caf in par_caf.items() for c, n in caf.items()
    ]  # fmt: skip
    valeurs = compute_valeurs(dictionnaire, mesures, RESEAU, 5, [mois])
    classes: dict[Any, dict[int, int]] = {}
    for v in valeurs:
        for m in mesures:
            if m.classe is not None and (
                v.niveau == "national" or RESEAU.caf[str(m.code_caf)] == v.territoire
            ):
                siennes = classes.setdefault(v[:6], {})
                siennes[m.classe] = siennes.get(m.classe, 0) + int(m.valeur)
    cases = assemble(dictionnaire, valeurs, classes, RESEAU, arrondi)
    return {(c.valeur.code, c.valeur.periode, c.valeur.niveau, c.valeur.territoire): c for c in cases}


GRANDES = dict.fromkeys(load_caf(), 40)


@pytest.mark.parametrize(
    ("caf", "montrees"),
    [(1, {"mois", "annee"}), (2, set()), (3, {"mois"}), (4, {"mois"}), (5, {"mois", "annee"})],
)
def test_a_region_of_two_caf_shows_nothing_and_one_of_few_no_year(caf: int, montrees: set[str]) -> None:
    """Of two, each knows all but the other; of few, what each gives for the same year is left to subtract."""
    reseau = Reseau({f"{n}01": "84" for n in range(caf)}, {})
    valeur = Valeur("c", 1, "2025-06", "mois", "region", "84", None, None, None, None, None, "definitif")
    assert {
        periode for periode in ("mois", "annee")
        if not Lieux(reseau).is_transparente(valeur, 5, annuelle=periode == "annee")
    } == montrees  # fmt: skip


def test_counts_are_rounded_at_the_grain_of_their_level_and_others_stay_inside() -> None:
    cases = show([COMPTE], {("demandeurs", "tous"): GRANDES})
    assert {c[1:3] for c in cases} == {("mois", "national"), ("mois", "region")}
    nation = cases["personnes", "mois", "national", "FR"]
    assert (
        nation.valeur.numerateur
        == nation.valeur.valeur
        == ARRONDI.round(4040, name_terme(COMPTE.numerateur), "national/FR", "2025-06")
    )
    assert all(c.valeur.valeur and c.valeur.valeur % 5 == 0 for c in cases.values())
    annee = show([COMPTE], {("demandeurs", "tous"): GRANDES}, mois=DECEMBRE)
    assert {c[1:3] for c in annee} == {("mois", "national"), ("mois", "region"), ("annee", "caf")}
    interne = COMPTE.model_copy(update={"diffusion": Diffusion()})
    assert show([interne], {("demandeurs", "tous"): GRANDES}) == {}


def test_no_definition_shows_a_group_of_caisses_to_others() -> None:
    with pytest.raises(ValueError, match="un groupe n'est pas diffusé"):
        Diffusion(portee="public", grains={"national": "mois", "groupe": "annee"})


def test_a_small_count_is_neither_zero_nor_hidden_and_looks_like_none() -> None:
    for nombre in (0, 1, 4):
        cases = show(
            [COMPTE, TAUX],
            {("demandeurs", "tous"): {"971": nombre}, ("contacts_utilisables", "tous"): {"971": 0}},
        )
        petite, taux = (cases[c, "mois", "region", "01"] for c in ("personnes", "taux"))
        montre = ARRONDI.round(nombre, name_terme(COMPTE.numerateur), "caf/971", "2025-06")
        assert (petite.valeur.valeur, petite.statut) == ((5, "publie") if montre else (None, "petit"))
        assert (taux.valeur.denominateur, taux.valeur.valeur, taux.statut) == (montre, None, "trop_peu")


def test_a_rate_is_of_the_terms_that_are_shown_and_attains_as_it_is_shown() -> None:
    moities = dict.fromkeys(load_caf(), 25)
    cases = show([COMPTE, TAUX], {("demandeurs", "tous"): GRANDES, ("contacts_utilisables", "tous"): moities})
    for (code, _, niveau, territoire), case in cases.items():
        v = case.valeur
        if code == "taux" and v.valeur is not None:
            assert v.denominateur == cases["personnes", "mois", niveau, territoire].valeur.valeur
            assert abs(v.valeur - (v.numerateur or 0) / (v.denominateur or 1)) < Decimal("0.05")
            assert v.atteinte == ("atteinte" if v.valeur >= Decimal("0.6") else "non_atteinte")
    tout = show([TAUX], {("demandeurs", "tous"): {"971": 24}, ("contacts_utilisables", "tous"): {"971": 24}})
    assert (tout["taux", "mois", "region", "01"].valeur.valeur or 0) <= 1


def test_means_medians_and_evolutions_are_of_rounded_terms() -> None:
    classes = {f"{c}/{jours}": n for c in load_caf() for jours, n in ((3, 20), (9, 15))}
    cases = show([HISTOIRE, MOYENNE], {("delai_decision_jours", "ajpa"): classes})
    lents = define("lents", "au_dela", HISTOIRE.numerateur, quantile="0.9", unite="jours")
    assert show([lents], {("delai_decision_jours", "ajpa"): classes}) == {}, "a mean of few"
    moyenne = cases["moyenne", "mois", "national", "FR"].valeur
    assert cases["mediane", "mois", "national", "FR"].valeur.valeur == 3
    assert (moyenne.numerateur or 1) % 5 == 0
    assert abs(float(moyenne.valeur or 0) - 195 / 35) < 0.05
    peu = show([HISTOIRE, MOYENNE], {("delai_decision_jours", "ajpa"): {"971/3": 6, "971/9": 5}})
    assert {c.statut for (_, _, niveau, t), c in peu.items() if t == "01"} == {"trop_peu"}
    mai = [
        Mesure(m, "751", None, "demandeurs", "tous", None, Decimal(n))
        for m, n in (("2025-05", 83), ("2025-06", 97))
    ]
    valeurs = compute_valeurs([COMPTE, EVOLUTION], mai, RESEAU, 5)
    montrees = {
        (c.valeur.code, c.valeur.mois): c.valeur
        for c in assemble([COMPTE, EVOLUTION], valeurs, {}, RESEAU, ARRONDI)
        if c.valeur.niveau == "national"
    }
    evolution = montrees["evolution", "2025-06"]
    assert (evolution.numerateur, evolution.denominateur) == tuple(
        montrees["personnes", m].valeur for m in ("2025-06", "2025-05")
    )


def test_the_same_count_is_the_same_figure_by_whichever_measure_and_level() -> None:
    decidees = {f"{c}/0": n for c, n in zip(load_caf(), range(1, 102), strict=True)}
    par_dossier = define("dossiers", "ratio", {"mesure": "contacts_par_dossier", "modalite": "ajpa", "classe_max": 0},
                         {"mesure": "contacts_par_dossier", "modalite": "ajpa"}, unite="part")  # fmt: skip
    cases = show(
        [par_dossier, MOYENNE],
        {("contacts_par_dossier", "ajpa"): decidees, ("delai_decision_jours", "ajpa"): decidees},
    )
    for (code, *ou), case in cases.items():
        if code == "dossiers":
            assert case.valeur.denominateur == cases[("moyenne", *ou)].valeur.denominateur
    lieux = Lieux(RESEAU)
    assert lieux.name("region", "01") == lieux.name("caf", "971")
    assert lieux.name("region", "93") != lieux.name("region", "94")


def test_a_region_in_which_a_caf_would_read_the_others_is_not_given() -> None:
    """Of two, in any period; of few, over the year that its Caf give too."""
    annuel = COMPTE.model_copy(update={"frequence": "annee", "periodes": ()})
    cases = show([annuel], {("demandeurs", "tous"): GRANDES}, mois=DECEMBRE)
    assert ("personnes", "mois", "caf", "201") in cases
    assert {"53", "93", "94"} & {c[3] for c in cases if c[2] == "region"} == {"93"}
    mensuelles = show([COMPTE], {("demandeurs", "tous"): GRANDES})
    assert {"53", "93", "94"} & {c[3] for c in mensuelles if c[2] == "region"} == {"53", "93"}


def test_what_counts_no_person_is_as_it_is_and_what_counts_nothing_is_refused() -> None:
    cases = show([LOTS], {("lots", "deposes"): dict.fromkeys(load_caf(), 1)})
    assert cases["lots", "mois", "national", "FR"].valeur.valeur == 101
    montant = define(
        "montant", "compte", {"mesure": "montant_recalculs_separation_eur", "modalite": "indu:avec_enfants"}
    )
    with pytest.raises(ErreurAllerVers, match="montant_recalculs_separation_eur"):
        show([montant], {("montant_recalculs_separation_eur", "indu:avec_enfants"): GRANDES})


def test_whatever_the_dictionary_publishes_says_what_it_counts() -> None:
    publies = [i for i in load_dictionnaire() if i.diffusion.portee != "interne"]
    assert 25 <= sum(i.diffusion.portee == "public" for i in publies) <= 35
    for i in publies:
        if not i.mesures <= load_sans_personne():
            assert name_terme(i.numerateur)
            assert i.denominateur is None or name_terme(i.denominateur)


def test_a_whole_has_the_name_of_its_parts_and_each_part_its_own() -> None:
    """The same people are the same figure, however a definition adds them up; others are drawn apart."""
    parties = {m: c.modalites for m, c in load_comptes().items() if len(c.modalites) > 1}
    assert parties
    for mesure, modalites in parties.items():
        parts = [Composant(mesure=mesure, modalite=m) for m in modalites]
        assert name_terme((Composant(mesure=mesure, modalite=TOUTES),)) == name_terme(tuple(parts)), mesure
        assert len({name_terme((part,)) for part in parts}) == len(parts), mesure


@pytest.fixture
def etl(entrepot: Connection) -> Connection:
    """Give the warehouse as ``av_etl``, nothing committed."""
    entrepot.execute(text("SET ROLE av_etl"))
    return entrepot


def store(etl: Connection, mesure: str, par_caf: Mapping[str, int], mois: Mois = JUIN) -> None:
    etl.execute(
        text("DELETE FROM marts.mesure WHERE mois = :m AND mesure = :n"), {"m": str(mois), "n": mesure}
    )
    etl.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)"
            " VALUES (:mois, :caf, :mesure, 'tous', :valeur)"
        ),
        [{"mois": str(mois), "caf": c, "mesure": mesure, "valeur": v} for c, v in par_caf.items()],
    )


def publish(etl: Connection, *dictionnaire: Indicateur, dernier_du: Mois = JUIN) -> Bilan:
    compute_indicateurs(etl, [JUIN], list(dictionnaire), 5)
    return publish_diffusion(etl, dictionnaire, RESEAU, ARRONDI, dernier_du)


def read_dates(etl: Connection) -> list[tuple[str, bool]]:
    lignes = etl.execute(
        text("SELECT niveau, corrige_le IS NOT NULL FROM diffusion.indicateur ORDER BY 1, 2")
    )
    return [(li[0], li[1]) for li in lignes]


def test_a_value_is_published_once_due_once_and_its_correction_replaces_it_at_its_date(
    etl: Connection,
) -> None:
    store(etl, "demandeurs", {"971": 42, "972": 17})
    assert publish(etl, COMPTE, dernier_du=Mois(2025, 5)) == Bilan(0, 0, 0, 0, ())
    assert publish(etl, COMPTE) == Bilan(18, 18, 0, 0, (JUIN,))
    assert publish(etl, COMPTE) == Bilan(18, 0, 0, 0, ())
    avant = {c.valeur.territoire: c.valeur.valeur for c in read_cases(etl, JUIN, JUIN)}
    assert avant["01"] in (40, 45)
    store(etl, "demandeurs", {"971": 62, "972": 17})
    assert publish(etl, COMPTE) == Bilan(18, 0, 2, 0, (JUIN,))
    apres = {c.valeur.territoire: c.valeur.valeur for c in read_cases(etl, JUIN, JUIN)}
    assert {t for t in apres if apres[t] != avant[t]} == {"01", "FR"}
    assert sum(corrigee for _, corrigee in read_dates(etl)) == 2


def live(etl: Connection, jour: str) -> None:
    """Set the warehouse's clock, compute June and publish what is due that day."""
    etl.execute(text("RESET ROLE"))
    etl.execute(
        text(
            "INSERT INTO suivi.horloge (decalage) VALUES (CAST(:jour AS timestamptz) - now())"
            " ON CONFLICT (une) DO UPDATE SET decalage = excluded.decalage"
        ),
        {"jour": f"{jour} 12:00+01"},
    )
    etl.execute(text("SET ROLE av_etl"))
    publish(etl, COMPTE, COHORTE, dernier_du=find_dernier_du(date.fromisoformat(jour), 2))


def test_each_indicator_of_a_month_is_published_at_its_own_time_and_its_correction_later(
    etl: Connection,
) -> None:
    """Applicants are final when June ends, what became of their applications at the end of M+4: two dates."""

    def read() -> dict[str, tuple[str, str | None]]:
        lignes = etl.execute(
            text(
                "SELECT code, CAST(publie_le AS date)::text, CAST(corrige_le AS date)::text FROM diffusion.indicateur"
                " WHERE niveau = 'national' AND periode = 'mois' AND statut = 'publie'"
            )
        )
        return {li[0]: (li[1], li[2]) for li in lignes}

    store(etl, "demandeurs", {"971": 42})
    store(etl, "cohorte_demandes", {"971": 60})
    live(etl, "2025-07-15")
    assert read() == {}, "final, but its delay has not passed"
    live(etl, "2025-08-04")
    assert read() == {"personnes": ("2025-08-04", None)}
    live(etl, "2025-10-31")
    assert read() == {"personnes": ("2025-08-04", None)}, "its delay has passed, but it can still move"
    live(etl, "2025-11-03")
    assert read() == {"personnes": ("2025-08-04", None), "cohorte": ("2025-11-03", None)}
    store(etl, "cohorte_demandes", {"971": 90})
    live(etl, "2025-12-01")
    assert read() == {"personnes": ("2025-08-04", None), "cohorte": ("2025-11-03", "2025-12-01")}


def test_what_its_definition_keeps_inside_from_now_on_is_withdrawn(etl: Connection) -> None:
    store(etl, "demandeurs", {"971": 42})
    publish(etl, COMPTE)
    interne = COMPTE.model_copy(update={"diffusion": Diffusion()})
    assert publish(etl, interne) == Bilan(0, 0, 0, 18, (JUIN,))
    assert read_cases(etl) == []


@pytest.mark.parametrize("role", ["av_diffusion", "av_pilotage"])
def test_who_reads_what_is_published_writes_nothing_there(
    dsn_role: Callable[[str], str], entrepot: Connection, role: str
) -> None:
    entrepot.execute(text(f"SET ROLE {role}"))
    entrepot.execute(text("SELECT * FROM diffusion.indicateur, diffusion.homogeneite")).all()
    for ordre in ("DELETE FROM diffusion.indicateur", "UPDATE diffusion.indicateur SET valeur = 0"):
        with pytest.raises(DBAPIError, match="permission denied"), entrepot.begin_nested():
            entrepot.execute(text(ordre))


def test_a_month_is_due_once_its_returns_have_had_time() -> None:
    assert find_dernier_du(date(2025, 7, 31), 2) == Mois(2025, 5)
    assert find_dernier_du(date(2025, 8, 1), 2) == JUIN
