"""The engine in the warehouse: a month's terms, values, cumulated values, homogeneity and scores, set by set.

A cumulated value is a sum over the terms of its months, at most twelve but for « depuis l'origine ».
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from aller_vers.indicateurs.calcul import find_debut, find_echeance, is_dans
from aller_vers.indicateurs.dictionnaire import Indicateur, Periode
from aller_vers.indicateurs.verrou import compute_empreintes
from aller_vers.mesures.echeances import Echeances, load_echeances
from aller_vers.socle.entrepot import read_jour
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.sql import run_sql


class BilanMarts(NamedTuple):
    """What was computed: definitions of the months asked for, and the months whose monthly values were written."""

    indicateurs: int
    mois: tuple[str, ...]


def compute_indicateurs(
    entrepot: Connection, mois: Sequence[Mois], dictionnaire: Sequence[Indicateur], seuil: int,
    echeances: Echeances | None = None,
) -> BilanMarts:  # fmt: skip
    """Replace what the months' measures give, in the caller's transaction; two computations are one after the other.

    Besides the months themselves: the evolutions that look back on them, and the cumulated values that hold them, as
    far as those months have been computed. Each of these is evaluated once, however many of its months are new.

    Args:
        entrepot: the warehouse, as ``av_etl``.
        mois: the months whose measures are new.
        dictionnaire: every definition; those in force are computed.
        seuil: the number of people from which a caisse counts in homogeneity and dispersion.
        echeances: until when each measure can move; by default as of today.
    """
    echeances = echeances or find_echeances(entrepot, mois, dictionnaire)
    demandes = sorted(map(str, mois))
    calculs = sorted({*_begin(entrepot), *mois})
    mensuels = [(i, m) for i in dictionnaire for m in _list_mensuels(i, mois, calculs)]
    _create_termes(entrepot, dictionnaire, mensuels, seuil, echeances)
    cumules = _list_cumules(entrepot, mois, dictionnaire, calculs)
    touches = sorted({*demandes, *(str(m) for _, m in mensuels)})
    run_sql(entrepot, "indicateurs/delete_termes.sql", mois=demandes, mois_touches=touches)
    run_sql(entrepot, "indicateurs/insert_termes.sql")
    run_sql(entrepot, "indicateurs/upsert_calcul.sql", mois=demandes)
    _evaluate(entrepot, [*((i, m, "mois") for i, m in mensuels), *cumules], echeances)
    _publish(entrepot, demandes, touches, sorted({*demandes, *(str(m) for _, m, _ in cumules)}))
    return BilanMarts(len({i.cle for i, m in mensuels if m in mois}), tuple(touches))


def recompute_origine(
    entrepot: Connection, mois: Sequence[Mois], dictionnaire: Sequence[Indicateur], seuil: int, echeances: Echeances
) -> None:  # fmt: skip
    """Replace the terms of months before the first computed one, and every « depuis l'origine » that adds them up.

    Args:
        entrepot: the warehouse, as ``av_etl``, in the caller's transaction.
        mois: the months, whose measures are new; none of them was computed.
        dictionnaire: the definitions that are cumulated since the origin.
        seuil: the number of people from which a caisse counts in a dispersion.
        echeances: until when each measure can move.
    """
    calculs = _begin(entrepot)
    mensuels = [(i, m) for i in dictionnaire for m in mois if i.is_valable(m)]
    _create_termes(entrepot, dictionnaire, mensuels, seuil, echeances)
    run_sql(entrepot, "indicateurs/delete_termes.sql", mois=[], mois_touches=[str(m) for m in mois])
    run_sql(entrepot, "indicateurs/insert_termes.sql")
    run_sql(entrepot, "indicateurs/upsert_reprise.sql", mois=[str(m) for m in mois])
    _evaluate(
        entrepot, [(i, m, "origine") for i in dictionnaire for m in calculs if i.is_valable(m)], echeances
    )
    touches = [str(m) for m in calculs]
    run_sql(entrepot, "indicateurs/delete_indicateurs_cumules.sql", mois=[], mois_touches=touches)
    run_sql(entrepot, "indicateurs/insert_indicateurs_cumules.sql")


def find_echeances(
    entrepot: Connection, mois: Sequence[Mois], dictionnaire: Sequence[Indicateur]
) -> Echeances:
    """Return the horizons of what a computation of these months reads; the other months' lots are left alone."""
    calcules = [(i, m) for i in dictionnaire for n in mois for m in (n, n.shift(i.recul_mois or 0))]
    return load_echeances(
        entrepot, {lu for i, m in calcules if i.is_valable(m) for _, _, lu in i.list_lectures(m)}
    )


def lock_marts(entrepot: Connection) -> None:
    """Wait for any other computation, and keep others waiting until this transaction ends."""
    lock(entrepot, "marts_indicateurs")


def _begin(entrepot: Connection) -> list[Mois]:
    """Wait for any other computation, make room for this one, and return the months that were computed."""
    lock_marts(entrepot)
    # A month of the whole network is sorted and hashed in memory, and found by index: history costs nothing.
    entrepot.execute(text("SET LOCAL work_mem TO '64MB'"))
    entrepot.execute(text("SET LOCAL random_page_cost TO 1.1"))
    # Compiling what reads some thousands of rows takes longer than reading them.
    entrepot.execute(text("SET LOCAL jit TO off"))
    # How many rows, and how many different, is all that the planner needs of what is made for this computation.
    entrepot.execute(text("SET LOCAL default_statistics_target TO 10"))
    run_sql(entrepot, "indicateurs/drop_calcul.sql")
    return [Mois.parse(m) for m in run_sql(entrepot, "indicateurs/select_calculs.sql").scalars()]


def _create_termes(
    entrepot: Connection, dictionnaire: Sequence[Indicateur], mensuels: Sequence[tuple[Indicateur, Mois]], seuil: int,
    echeances: Echeances,
) -> None:  # fmt: skip
    empreintes = compute_empreintes(dictionnaire, echeances.reglages)
    definitions = [
        _dump_definition(i, echeances.find_seuil(seuil, i.mesures_comptees))
        | {"empreinte": empreintes[i.cle]}
        for i in dictionnaire
    ]
    _create(entrepot, "definition", definitions=definitions)
    lectures = [ligne for i, m in mensuels for ligne in _list_lectures(i, m, echeances)]
    _create(entrepot, "lecture", lectures=lectures)
    _create(entrepot, "retard", retards=list(_list_retards(mensuels, echeances)))
    run_sql(entrepot, "indicateurs/index_lectures.sql")
    run_sql(entrepot, "indicateurs/analyze_lectures.sql")
    run_sql(entrepot, "indicateurs/upsert_empreintes.sql")
    run_sql(entrepot, "indicateurs/create_terme_nouveau.sql", jour=echeances.jour)
    run_sql(entrepot, "indicateurs/analyze_termes.sql")


def _evaluate(
    entrepot: Connection, echues: Sequence[tuple[Indicateur, Mois, str]], echeances: Echeances
) -> None:  # fmt: skip
    _create(entrepot, "echeance", echeances=[_dump_echeance(i, m, p, echeances) for i, m, p in echues])
    run_sql(entrepot, "indicateurs/analyze_echeances.sql")
    run_sql(entrepot, "indicateurs/create_unite.sql")
    run_sql(entrepot, "indicateurs/analyze_unites.sql")
    run_sql(entrepot, "indicateurs/create_appartenance.sql", nation=NATION)
    run_sql(entrepot, "indicateurs/analyze_appartenances.sql")
    run_sql(entrepot, "indicateurs/create_somme.sql")
    run_sql(entrepot, "indicateurs/analyze_sommes.sql")
    run_sql(entrepot, "indicateurs/compute_valeurs.sql", jour=echeances.jour, nation=NATION)
    run_sql(entrepot, "indicateurs/analyze_valeurs.sql")


def list_echus(entrepot: Connection) -> list[Mois]:
    """Return the months that say « provisoire » or « pas encore dû » of what a day since past has settled."""
    lignes = run_sql(entrepot, "indicateurs/select_echus.sql", jour=read_jour(entrepot))
    return [Mois.parse(m) for m in lignes.scalars()]


def _publish(entrepot: Connection, mois: list[str], touches: list[str], cumules: list[str]) -> None:
    """Put the values in the place of those that they replace; months are told so that indexes find them."""
    run_sql(entrepot, "indicateurs/delete_indicateurs.sql", mois=mois, mois_touches=touches)
    run_sql(entrepot, "indicateurs/insert_indicateurs.sql")
    run_sql(entrepot, "indicateurs/delete_indicateurs_cumules.sql", mois=mois, mois_touches=cumules)
    run_sql(entrepot, "indicateurs/insert_indicateurs_cumules.sql")
    run_sql(entrepot, "indicateurs/delete_homogeneites.sql", mois=mois, mois_touches=touches)
    run_sql(entrepot, "indicateurs/insert_homogeneites.sql")
    run_sql(entrepot, "indicateurs/delete_scores.sql", mois_touches=touches)
    run_sql(entrepot, "indicateurs/insert_scores.sql", mois_touches=touches)


def _list_mensuels(i: Indicateur, mois: Collection[Mois], calculs: Collection[Mois]) -> list[Mois]:
    """Return the months that a definition is computed for: these, and those that look back on them."""
    recules = {m.shift(i.recul_mois) for m in mois} if i.recul_mois is not None else set()
    return [m for m in calculs if (m in mois or m in recules) and i.is_valable(m)]


def _list_cumules(
    entrepot: Connection, mois: Sequence[Mois], dictionnaire: Sequence[Indicateur], calculs: Sequence[Mois]
) -> list[tuple[Indicateur, Mois, Periode]]:  # fmt: skip
    """Return the cumulated values to compute: the months' own, and the later ones that their change touches."""
    touchees: dict[tuple[str, int], list[Mois]] = defaultdict(list)
    for ligne in run_sql(entrepot, "indicateurs/select_definitions_touchees.sql", mois=list(map(str, mois))):
        touchees[ligne.code, ligne.version].append(Mois.parse(ligne.mois))
    return [
        (i, m, periode)
        for i in dictionnaire
        for periode in i.periodes
        for m in calculs
        if i.is_valable(m) and (m in mois or any(is_dans(n, m, periode) for n in touchees[i.code, i.version]))
    ]


def _create(entrepot: Connection, table: str, **donnees: list[dict[str, Any]]) -> None:
    """Make a temporary table of rows that Python decides."""
    parametres = {nom: json.dumps(lignes, default=str) for nom, lignes in donnees.items()}
    run_sql(entrepot, _CREATIONS[table], **parametres)


_CREATIONS = {
    "definition": "indicateurs/create_definition.sql",
    "lecture": "indicateurs/create_lecture.sql",
    "echeance": "indicateurs/create_echeance.sql",
    "retard": "indicateurs/create_retard.sql",
}


def _dump_definition(i: Indicateur, seuil: int) -> dict[str, Any]:
    return {
        "code": i.code, "version": i.version, "type": i.type, "maille": i.maille, "sens": i.sens, "unite": i.unite,
        "histogramme": i.is_histogramme, "quantile": i.quantile, "bande": i.bande_quasi_atteint,
        "seuil": seuil,
        "part_minimale": i.part_minimale_caisses, "nature": i.nature, "axe": i.axe, "points": i.points,
        "caisse": i.caisse, "niveaux": list(i.niveaux), "periodes": list(i.periodes),
    }  # fmt: skip


def _list_lectures(i: Indicateur, mois: Mois, echeances: Echeances) -> Iterator[dict[str, Any]]:
    for rang, (terme, composant, lu) in enumerate(i.list_lectures(mois)):
        yield {
            "code": i.code, "version": i.version, "mois": str(mois), "rang": rang, "terme": terme,
            "mois_lu": str(lu), "definitif_le": echeances.find(composant.mesure, lu), **composant.model_dump(),
        }  # fmt: skip


def _list_retards(
    mensuels: Sequence[tuple[Indicateur, Mois]], echeances: Echeances
) -> Iterator[dict[str, Any]]:
    lues = {(composant.mesure, lu) for i, m in mensuels for _, composant, lu in i.list_lectures(m)}
    for mesure, lu in sorted(lues):
        for (code_caf, code_cpam), jour in echeances.find_retards(mesure, lu).items():
            yield {
                "mesure": mesure, "mois": str(lu), "code_caf": code_caf, "code_cpam": code_cpam,
                "definitif_le": jour,
            }  # fmt: skip


def _dump_echeance(i: Indicateur, mois: Mois, periode: str, echeances: Echeances) -> dict[str, Any]:
    return {
        "code": i.code, "version": i.version, "mois": str(mois), "periode": periode,
        "debut": find_debut(mois, periode), "definitif_le": find_echeance(i, mois, echeances),
        "cible": i.find_cible(mois), "decision": i.find_decision(mois), "abandonne": i.is_abandonne(mois),
    }  # fmt: skip
