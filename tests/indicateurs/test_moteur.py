"""The warehouse's engine against the one without a warehouse, on random small networks: every type, every level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from exemples import define, mesure
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reseaux import (
    MOIS,
    NOMBRE_TIRAGES,
    RESEAU,
    attentes,
    dictionnaires,
    dictionnaires_complets,
    histoires,
    lignes,
    lignes_denses,
    store,
    undone,
)
from sqlalchemy import Connection, text

from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.homogeneite import compare_caisses, score_territoires
from aller_vers.indicateurs.marts import compute_indicateurs
from aller_vers.indicateurs.modele import Homogeneite, Mesure, Score, Valeur
from aller_vers.indicateurs.porte import profile_marts
from aller_vers.mesures.echeances import Echeances
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from ensemble import run_together

SEUIL = 5
TIRAGES = settings(
    max_examples=NOMBRE_TIRAGES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)  # fmt: skip


def read(connexion: Connection, table: str, modele: type[Any], ordre: str) -> list[Any]:
    """Read a table as the engine's own rows; what is monthly has the period « mois »."""
    colonnes = ", ".join(
        "'mois' AS periode" if nom == "periode" and table == "marts.indicateur" else nom
        for nom in modele._fields
    )
    return [
        modele(*ligne)
        for ligne in connexion.execute(text(f"SELECT {colonnes} FROM {table} ORDER BY {ordre}"))
    ]


def read_valeurs(connexion: Connection) -> list[Valeur]:
    mensuelles = read(connexion, "marts.indicateur", Valeur, "1")
    return sorted(
        [*mensuelles, *read(connexion, "marts.indicateur_cumule", Valeur, "1")], key=lambda v: v[:6]
    )


def check(
    connexion: Connection, dictionnaire: Sequence[Indicateur], mesures: Sequence[Mesure], mois: Sequence[Mois],
    attente: Echeances,
) -> None:  # fmt: skip
    """Compare everything that the warehouse holds with the engine without a warehouse."""
    attendues = compute_valeurs(dictionnaire, mesures, RESEAU, SEUIL, mois, attente)
    assert read_valeurs(connexion) == attendues
    homogeneites = read(connexion, "marts.homogeneite", Homogeneite, "code, version, mois")
    assert homogeneites == compare_caisses(dictionnaire, attendues, SEUIL, attente)
    scores = sorted(read(connexion, "marts.score", Score, "1"), key=lambda s: s[:4])
    assert scores == score_territoires(dictionnaire, attendues)


@TIRAGES
@given(
    dictionnaire=dictionnaires_complets(),
    mesures=histoires(MOIS[:4]) | histoires(MOIS[:4], lignes_denses),
    attente=attentes,
)
def test_month_after_month_the_two_engines_say_the_same(
    reseau: Connection, dictionnaire: list[Indicateur], mesures: list[Mesure], attente: Echeances
) -> None:
    with undone(reseau):
        store(reseau, mesures)
        for mois in MOIS[:4]:
            compute_indicateurs(reseau, [mois], dictionnaire, SEUIL, attente)
        check(reseau, dictionnaire, mesures, MOIS[:4], attente)


@TIRAGES
@given(
    dictionnaire=dictionnaires(3),
    mesures=histoires([MOIS[n] for n in (0, 1, 2, 12, 13)]),
    ordre=st.permutations([MOIS[n] for n in (0, 1, 2, 12, 13)]),
    tardives=st.sampled_from([MOIS[n] for n in (0, 1, 12)]).flatmap(
        lambda m: st.tuples(st.just(m), lignes(str(m)))
    ),
    nombre=st.integers(1, 5),
    attente=attentes,
)
def test_late_data_leaves_what_computing_in_order_would_have_left(
    reseau: Connection, dictionnaire: list[Indicateur], mesures: list[Mesure], ordre: list[Mois],
    tardives: tuple[Mois, list[Mesure]], nombre: int, attente: Echeances,
) -> None:  # fmt: skip
    """Months come in any order, several at once, over more than a year, with holes; then one is corrected."""
    with undone(reseau):
        store(reseau, mesures)
        for rang in range(0, len(ordre), nombre):
            compute_indicateurs(reseau, ordre[rang : rang + nombre], dictionnaire, SEUIL, attente)
        check(reseau, dictionnaire, mesures, ordre, attente)
        mois, corrigees = tardives
        store(reseau, corrigees, mois)
        compute_indicateurs(reseau, [mois], dictionnaire, SEUIL, attente)
        ecarts = profile_marts(reseau, mois, dictionnaire, SEUIL, attente)[NATION]
        assert ecarts["valeur_differente"] == 0
        check(reseau, dictionnaire, [m for m in mesures if m.mois != str(mois)] + corrigees, ordre, attente)


@TIRAGES
@given(avant=dictionnaires(2), apres=dictionnaires(3), mesures=histoires(MOIS[:3]), attente=attentes)
def test_a_dictionary_that_changes_leaves_nothing_of_the_former_one_in_what_is_recomputed(
    reseau: Connection,
    avant: list[Indicateur],
    apres: list[Indicateur],
    mesures: list[Mesure],
    attente: Echeances,
) -> None:
    """A cumulated period may be asked for, or no longer, after months were computed."""
    with undone(reseau):
        store(reseau, mesures)
        for mois in MOIS[:3]:
            compute_indicateurs(reseau, [mois], avant, SEUIL, attente)
        for mois in MOIS[:3]:
            compute_indicateurs(reseau, [mois], apres, SEUIL, attente)
        check(reseau, apres, mesures, MOIS[:3], attente)


def test_two_computations_at_once_of_one_month_and_its_neighbour_leave_what_one_after_the_other_does(
    dsn_role: Callable[[str], str], entrepot: Connection
) -> None:
    """The same month twice, and the month after, from three threads: running sums hold each month once."""
    taux = define("taux", "ratio", "n", "d", periodes=["annee", "douze_mois", "origine"])
    mois = [Mois(2025, 5), Mois(2025, 6)]
    store(entrepot, [mesure(str(m), nom, v, "831") for m in mois for nom, v in (("n", 3), ("d", 4))])
    entrepot.commit()

    dsn = dsn_role("av_etl")
    run_together(
        lambda: open_transaction(dsn, "av_entrepot"),
        *[lambda c, m=m: compute_indicateurs(c, [m], [taux], SEUIL) for m in (mois[0], mois[0], mois[1])],
    )
    cumuls = entrepot.execute(
        text(
            "SELECT mois, periode, numerateur FROM marts.indicateur_cumule WHERE territoire = '831' AND niveau = 'caf'"
        )
    )
    assert sorted(map(tuple, cumuls)) == [
        (str(m), periode, 3 * (n + 1))
        for n, m in enumerate(mois)
        for periode in ("annee", "douze_mois", "origine")
    ]
