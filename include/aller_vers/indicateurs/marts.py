"""The engine in the warehouse: a month's terms, running sums, values, homogeneity and scores, set by set.

What a month costs does not depend on how many lie behind it: running sums are carried forward from the month before,
and a late change of a month is added, as a difference, to those of the months after it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from aller_vers.indicateurs.dictionnaire import Indicateur, Periode
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.sql import run_sql

_DOUZE = 12


class Bilan(NamedTuple):
    """What was computed: definitions of the month, and the months whose monthly values were written."""

    indicateurs: int
    mois: tuple[str, ...]


def compute_indicateurs(
    entrepot: Connection, mois: Mois, dictionnaire: Sequence[Indicateur], seuil: int
) -> Bilan:  # fmt: skip
    """Replace what the month's measures give, in the caller's transaction; two computations are one after the other.

    Besides the month itself: the evolutions that look back on it, and the cumulated values that hold it, as far as
    those months have been computed.

    Args:
        entrepot: the warehouse, as ``av_etl``.
        mois: the month whose measures are new.
        dictionnaire: every definition; those in force are computed.
        seuil: the denominator from which a caisse counts in homogeneity and dispersion.
    """
    lock(entrepot, "marts_indicateurs")
    # A month of the whole network is sorted and hashed in memory.
    entrepot.execute(text("SET LOCAL work_mem TO '64MB'"))
    run_sql(entrepot, "indicateurs/drop_calcul.sql")
    calculs = [Mois.parse(m) for m in run_sql(entrepot, "indicateurs/select_calculs.sql").scalars()]
    mensuels = list(_list_mensuels(mois, dictionnaire, calculs))
    _create(entrepot, "definition", definitions=[_dump_definition(i) for i in dictionnaire])
    _create(entrepot, "lecture", lectures=[ligne for i, m in mensuels for ligne in _list_lectures(i, m)])
    run_sql(entrepot, "indicateurs/analyze_lectures.sql")
    run_sql(entrepot, "indicateurs/create_terme_nouveau.sql")
    run_sql(entrepot, "indicateurs/create_ecart.sql", mois=str(mois))
    run_sql(entrepot, "indicateurs/analyze_termes.sql")
    _cumulate(entrepot, mois, dictionnaire, calculs)
    touches = sorted({str(mois), *(str(m) for _, m in mensuels)})
    run_sql(entrepot, "indicateurs/delete_termes.sql", mois=str(mois), mois_touches=touches)
    run_sql(entrepot, "indicateurs/insert_termes.sql")
    cumules = _list_cumules(entrepot, mois, dictionnaire, calculs)
    echeances = [_dump_echeance(i, m, "mois") for i, m in mensuels]
    echeances += [_dump_echeance(i, m, periode) for i, m, periode in cumules]
    _create(entrepot, "echeance", echeances=echeances)
    run_sql(entrepot, "indicateurs/create_somme.sql")
    run_sql(entrepot, "indicateurs/analyze_sommes.sql")
    run_sql(entrepot, "indicateurs/compute_valeurs.sql", seuil=seuil)
    run_sql(entrepot, "indicateurs/analyze_valeurs.sql")
    _publish(entrepot, mois, seuil, touches, sorted({str(mois), *(str(m) for _, m, _ in cumules)}))
    return Bilan(len({i.cle for i, m in mensuels if m == mois}), tuple(touches))


def _publish(entrepot: Connection, mois: Mois, seuil: int, touches: list[str], cumules: list[str]) -> None:
    """Put the values in the place of those that they replace; months are told so that indexes find them."""
    cle = str(mois)
    run_sql(entrepot, "indicateurs/delete_indicateurs.sql", mois=cle, mois_touches=touches)
    run_sql(entrepot, "indicateurs/insert_indicateurs.sql")
    run_sql(entrepot, "indicateurs/delete_indicateurs_cumules.sql", mois=cle, mois_touches=cumules)
    run_sql(entrepot, "indicateurs/insert_indicateurs_cumules.sql")
    run_sql(entrepot, "indicateurs/delete_homogeneites.sql", mois=cle, mois_touches=touches)
    run_sql(entrepot, "indicateurs/insert_homogeneites.sql", seuil=seuil)
    run_sql(entrepot, "indicateurs/delete_scores.sql", mois_touches=touches)
    run_sql(entrepot, "indicateurs/insert_scores.sql", mois_touches=touches)


def _cumulate(
    entrepot: Connection, mois: Mois, dictionnaire: Sequence[Indicateur], calculs: Sequence[Mois]
) -> None:  # fmt: skip
    """Bring the running sums to the month's new terms, its own and those of the computed months after it."""
    tenus = {tuple(ligne) for ligne in run_sql(entrepot, "indicateurs/select_cumuls_tenus.sql")}
    demandes = {(i.code, i.version, periode) for i in dictionnaire for periode in i.periodes}
    for code, version, periode in sorted(tenus - demandes):
        run_sql(entrepot, "indicateurs/forget_cumul.sql", code=code, version=version, periode=periode)
    precedents = [m for m in calculs if m < mois]
    if mois not in calculs and precedents:
        run_sql(
            entrepot,
            "indicateurs/carry_cumuls.sql",
            mois=str(mois),
            precedent=str(precedents[-1]),
            debut_annee=str(Mois(mois.annee, 1)),
            fenetre=str(mois.shift(-_DOUZE)),
            fenetre_precedente=str(precedents[-1].shift(-_DOUZE)),
        )
    run_sql(entrepot, "indicateurs/upsert_calcul.sql", mois=str(mois))
    for code, version, periode in sorted(demandes - tenus):
        cle = {"code": code, "version": version, "periode": periode}
        run_sql(entrepot, "indicateurs/delete_cumul.sql", **cle)
        run_sql(entrepot, "indicateurs/seed_cumul.sql", **cle)
        run_sql(entrepot, "indicateurs/insert_cumul_tenu.sql", **cle)
    run_sql(
        entrepot,
        "indicateurs/add_ecart.sql",
        mois=str(mois),
        fin_annee=str(Mois(mois.annee, 12)),
        fin_fenetre=str(mois.shift(_DOUZE - 1)),
    )
    run_sql(entrepot, "indicateurs/delete_cumuls_vides.sql", mois=str(mois))


def _list_mensuels(
    mois: Mois, dictionnaire: Sequence[Indicateur], calculs: Sequence[Mois]
) -> Iterator[tuple[Indicateur, Mois]]:  # fmt: skip
    """Yield the definitions to compute for the month, and the evolutions that look back on it."""
    for i in dictionnaire:
        if i.is_valable(mois):
            yield i, mois
        if i.recul_mois is not None:
            apres = mois.shift(i.recul_mois)
            if apres in calculs and i.is_valable(apres):
                yield i, apres


def _list_cumules(
    entrepot: Connection, mois: Mois, dictionnaire: Sequence[Indicateur], calculs: Sequence[Mois]
) -> list[tuple[Indicateur, Mois, Periode]]:  # fmt: skip
    """Return the cumulated values to compute: the month's own, and the later ones that its change touches."""
    touchees = {tuple(x) for x in run_sql(entrepot, "indicateurs/select_definitions_touchees.sql")}
    return [
        (i, m, periode)
        for i in dictionnaire
        for periode in i.periodes
        for m in sorted({mois, *(c for c in calculs if c > mois)})
        if i.is_valable(m) and (m == mois or ((i.code, i.version) in touchees and _holds(m, mois, periode)))
    ]


def _holds(fin: Mois, mois: Mois, periode: Periode) -> bool:
    """Tell whether the period that ends with ``fin`` holds the month."""
    if periode == "annee":
        return fin.annee == mois.annee
    return periode == "origine" or fin < mois.shift(_DOUZE)


def _create(entrepot: Connection, table: str, **donnees: list[dict[str, Any]]) -> None:
    """Make a temporary table of rows that Python decides."""
    parametres = {nom: json.dumps(lignes, default=str) for nom, lignes in donnees.items()}
    run_sql(entrepot, _CREATIONS[table], **parametres)


_CREATIONS = {
    "definition": "indicateurs/create_definition.sql",
    "lecture": "indicateurs/create_lecture.sql",
    "echeance": "indicateurs/create_echeance.sql",
}


def _dump_definition(i: Indicateur) -> dict[str, Any]:
    return {
        "code": i.code, "version": i.version, "type": i.type, "maille": i.maille, "sens": i.sens, "unite": i.unite,
        "histogramme": i.is_histogramme, "quantile": i.quantile, "bande": i.bande_quasi_atteint,
        "part_minimale": i.part_minimale_caisses, "nature": i.nature, "axe": i.axe, "points": i.points,
        "caisse": i.caisse, "niveaux": list(i.niveaux), "periodes": list(i.periodes),
    }  # fmt: skip


def _list_lectures(i: Indicateur, mois: Mois) -> Iterator[dict[str, Any]]:
    for rang, (terme, composant, lu) in enumerate(i.list_lectures(mois)):
        yield {
            "code": i.code, "version": i.version, "mois": str(mois), "rang": rang, "terme": terme,
            "mois_lu": str(lu), **composant.model_dump(),
        }  # fmt: skip


def _dump_echeance(i: Indicateur, mois: Mois, periode: str) -> dict[str, Any]:
    return {
        "code": i.code, "version": i.version, "mois": str(mois), "periode": periode, "cible": i.find_cible(mois),
        "decision": i.find_decision(mois), "abandonne": i.is_abandonne(mois),
    }  # fmt: skip
