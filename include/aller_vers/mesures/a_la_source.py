"""Measures of people's paths, computed at the source as counts and histograms: no person crosses for them."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, text

from aller_vers.mesures.echeances import parse_fiche, read_entete
from aller_vers.mesures.stockage import make_room
from aller_vers.socle.contrat_source import check_contrat
from aller_vers.socle.entrepot import translate_errors
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.fichiers_edites import read_texte
from aller_vers.socle.francais import count, write_de
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import DOSSIER, load_sql, run_sql
from aller_vers.suivi.avis import queue_avis

_FICHIERS = "mesures/a_la_source"
_HORIZONS = ("mois", "suivi")
_SOURCE = "av_source"
# What a file asks for of its month; the natures are those of every month.
_PARAMETRE = re.compile(r"(?<![:\w\\]):(?!natures\b)([a-z_]+)")


@dataclass(frozen=True)
class MesureSource:
    """A measure of ``include/sql/mesures/a_la_source``, as the header of its file says it.

    ``suivi``: its value moves until the end of the follow-up (M+4), and it is computed again until then.
    ``modalites``: those that a Caf can have; ``zeros``: the source counts events, so that nothing found is 0. Where a
    Caf declares (``zeros: non``), nothing found is nothing declared.
    """

    code: str
    suivi: bool
    modalites: tuple[str, ...]
    histogramme: bool
    zeros: bool = True


@dataclass(frozen=True)
class Ligne:
    """A row of a measure: no person, a count or a sum."""

    code_caf: str
    modalite: str
    classe: int | None
    valeur: int | Decimal


@dataclass(frozen=True)
class BilanMesures:
    """What a month's measures gave: rows stored, and rows left out because their Caf is not in the reference."""

    lignes: int
    hors_reference: int


def parse_mesure(code: str, texte: str) -> MesureSource:
    """Read the header of a measure's file.

    Raises:
        ErreurAllerVers: ``horizon`` or ``modalites`` is missing or wrong.
    """
    entete, fiche = read_entete(texte), parse_fiche(code, texte)
    modalites = tuple(entete.get("modalites", "").split())
    if fiche.horizon not in _HORIZONS or not modalites:
        raise ErreurAllerVers(
            f"La mesure {_FICHIERS}/{code}.sql est incomplète.",
            "donner à son en-tête horizon (mois ou suivi) et modalites, et classe pour un histogramme.",
        )
    return MesureSource(
        code, fiche.horizon == "suivi", modalites, "classe" in entete, entete.get("zeros") != "non"
    )


@cache
def load_mesures() -> tuple[MesureSource, ...]:
    """Return the measures that are computed at the source, by code."""
    fichiers = sorted((DOSSIER / _FICHIERS).glob("*.sql"))
    return tuple(parse_mesure(f.stem, read_texte(f)) for f in fichiers)


def list_mois_ouverts(mois: Mois, reglages: Reglages) -> tuple[Mois, ...]:
    """Return the months that a run for this month computes: those whose follow-up it closes or continues, and it."""
    return tuple(mois.shift(-recul) for recul in range(reglages.mois_suivi, -1, -1))


def complete(lignes: Iterable[Ligne], mesure: MesureSource, caf: Sequence[str]) -> list[Ligne]:
    """Return the rows of the Caf of the reference, with 0 where the source counts events and finds none.

    Nothing at all in the whole country is a month that the source does not hold: it stays without a row, and its
    indicators are « non fourni ».
    """
    connues = set(caf)
    gardees = [ligne for ligne in lignes if ligne.code_caf in connues]
    if not gardees or not mesure.zeros:
        return gardees
    presentes = {(ligne.code_caf, ligne.modalite) for ligne in gardees}
    classe = 0 if mesure.histogramme else None
    return gardees + [
        Ligne(code, modalite, classe, 0)
        for code in caf
        for modalite in mesure.modalites
        if (code, modalite) not in presentes
    ]


def copy_mesures(
    source: Connection,
    entrepot: Connection,
    mois: Mois,
    reglages: Reglages,
    caf: Sequence[str],
    *,
    suivi: bool,
) -> BilanMesures:
    """Replace a month's measures by what the source says today, in the caller's transaction on the warehouse.

    Args:
        source: the source, PostgreSQL, in a transaction of its own where nothing has run yet.
        entrepot: the warehouse, as ``av_etl``.
        mois: the month that is measured.
        reglages: the parameters of the definitions.
        caf: codes of the Caf of the reference.
        suivi: only the measures that move until the end of the follow-up.

    Raises:
        ErreurAllerVers: the source is not PostgreSQL or breaks its contract.
    """
    if source.dialect.name != "postgresql":
        raise ErreurAllerVers(
            "Les mesures calculées à la source sont écrites pour PostgreSQL, et la source n'en est pas.",
            "exposer les vues de la source dans une base PostgreSQL (par exemple par postgres_fdw).",
        )
    parametres = build_parametres(mois, reglages)
    mesures = [m for m in load_mesures() if m.suivi or not suivi]
    # Before the source is read: who writes last has read last.
    make_room(entrepot, mois, [m.code for m in mesures])
    with translate_errors(_SOURCE):
        run_sql(source, "mesures/read_only.sql")
        check_contrat(source)
        lues = {m: [Ligne(*li) for li in source.execute(_load_requete(m.code), parametres)] for m in mesures}
    stockees = _insert(entrepot, mois, {m.code: complete(lignes, m, caf) for m, lignes in lues.items()})
    hors_reference = sum(ligne.code_caf not in caf for lignes in lues.values() for ligne in lignes)
    return BilanMesures(stockees, hors_reference)


def copy_historique(
    source: Connection, entrepot: Connection, mois: Sequence[Mois], codes: Collection[str], reglages: Reglages,
    caf: Sequence[str],
) -> int:  # fmt: skip
    """Replace these measures in all of these months by what the source says today: one statement a measure.

    Returns:
        The number of rows stored.
    """
    periodes = [build_parametres(m, reglages) for m in mois]
    stockees = 0
    with translate_errors(_SOURCE):
        run_sql(source, "mesures/read_only.sql")
        check_contrat(source)
    for mesure in load_mesures():
        if mesure.code not in codes:
            continue
        with translate_errors(_SOURCE):
            parametres = {"periodes": json.dumps(periodes, default=str), "natures": list(reglages.natures)}
            par_mois: dict[str, list[Ligne]] = defaultdict(list)
            for lu, *ligne in source.execute(_load_requete(mesure.code, historique=True), parametres):
                par_mois[lu].append(Ligne(*ligne))
        for m in mois:
            make_room(entrepot, m, [mesure.code])
            stockees += _insert(entrepot, m, {mesure.code: complete(par_mois[str(m)], mesure, caf)})
    return stockees


def announce_caf_inconnues(entrepot: Connection, mois: Mois, bilan: BilanMesures) -> None:
    """Put into the outbox, once a month, that the source counts people in Caf that the reference does not know."""
    if bilan.hors_reference:
        queue_avis(
            entrepot,
            cle=f"mesures_services/{mois}/caf-inconnues",
            destinataire="equipe_nationale",
            objet=f"Mesures {write_de(mois.libelle)} : des Caf inconnues",
            corps=f"{count(bilan.hors_reference, 'ligne', feminin=True)} de mesures {write_de(mois.libelle)} "
            "sur des Caf absentes du "
            "référentiel : elles ne sont comptées nulle part. Corriger la source ou le référentiel des Caf, puis "
            "relancer « Mesures comptées à la source » pour ce mois.",
        )


def build_parametres(mois: Mois, reglages: Reglages) -> dict[str, Any]:
    """Return the parameters that the files of the measures may name."""
    return {
        "mois": str(mois),
        "debut": mois.debut,
        "fin": mois.fin,
        "fin_suivi": mois.shift(reglages.mois_suivi).fin,
        "mois_suivi": reglages.mois_suivi,
        "debut_douze_mois": mois.shift(-11).debut,
        "debut_reiteration": mois.debut - timedelta(days=reglages.jours_reiteration),
        "jours_reiteration": reglages.jours_reiteration,
        "natures": list(reglages.natures),
    }


def _insert(entrepot: Connection, mois: Mois, par_mesure: Mapping[str, Sequence[Ligne]]) -> int:
    lignes = [{"mesure": code, **vars(li)} for code, siennes in par_mesure.items() for li in siennes]
    run_sql(entrepot, "mesures/insert_mesures.sql", mois=mois, lignes=json.dumps(lignes, default=str))
    return len(lignes)


@cache
def _load_requete(code: str, *, historique: bool = False) -> TextClause:
    """Return the request of a measure: of a month, or of those of ``:periodes``, whose columns are its parameters."""
    requete = load_sql(f"{_FICHIERS}/{code}.sql")
    if historique:
        corps = _PARAMETRE.sub(r"periode.\1", requete.text)
        requete = text(
            load_sql("mesures/historique.sql").text.replace(
                "JOIN mesure_du_fichier", f"JOIN LATERAL ({corps})"
            )
        )
    if ":natures" in requete.text:
        return requete.bindparams(bindparam("natures", expanding=True))
    return requete
