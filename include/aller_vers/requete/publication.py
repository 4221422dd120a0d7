"""The national request of a month: judged, then published to core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from aller_vers.mesures.stockage import store_mesures
from aller_vers.qualite.derogations import apply_derogations, load_derogations
from aller_vers.qualite.porte import judge
from aller_vers.qualite.suites import load_suite
from aller_vers.qualite.verdicts import CAF_INCONNUE, Jugement, Manquement, save_jugement
from aller_vers.requete.profil import find_quarantaine, list_colonnes, load_profil_requete, profile_requete
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import find_detruites, lock, replace_partition
from aller_vers.socle.sql import run_sql

GATE = "requete"


def profile(entrepot: Connection, mois: Mois, run_id: str) -> int:
    """Count every rule by Caf, as ``av_etl``; return the number of rules."""
    return profile_requete(entrepot, mois, run_id)


def judge_requete(qualite: Connection, mois: Mois, run_id: str, aujourd_hui: date | None = None) -> Jugement:
    """Judge the run's profile as ``av_qualite``, and record the verdicts.

    ``aujourd_hui``: Paris date on which a waiver has to be in force; now by default.
    """
    suite = load_suite("requete_nationale").require_colonnes(*list_colonnes())
    profil = load_profil_requete(qualite, mois, run_id)
    jugement = judge(suite, profil.caf, profil.nation)
    inconnues = tuple(Manquement(code, CAF_INCONNUE, "critical", n) for code, n in profil.inconnues.items())
    jugement = replace(jugement, manquements=(*jugement.manquements, *inconnues))
    derogations = load_derogations("requete_nationale")
    jugement = apply_derogations(jugement, derogations, mois, aujourd_hui or datetime.now(PARIS).date())
    save_jugement(qualite, mois, GATE, run_id, jugement)
    return jugement


def measure_mois(entrepot: Connection, mois: Mois) -> dict[str, int]:
    """Store the measures of the request, in the caller's transaction; a Caf whose persons are destroyed keeps its own.

    Returns:
        The number of rows by measure.

    Raises:
        ErreurAllerVers: the persons behind the measures are not there any more (the month was purged, or its extract
            replaced and not published): measuring now would put zeros or another extract's figures in the place of
            the month's own.
    """
    for table in ("staging.demandeur", "core.demandeur"):
        lock(entrepot, table, mois)  # the purge ends first, or waits
    detruites = find_detruites(entrepot, mois)
    presents = run_sql(entrepot, "requete/count_staging.sql", mois=mois, detruites=detruites).scalar_one()
    publies = run_sql(entrepot, "requete/count_demandeurs.sql", mois=mois).scalar_one_or_none()
    if presents != publies:
        raise ErreurAllerVers(
            f"Le mois {mois} ne peut pas être mesuré : "
            f"{count(presents, 'demandeur')} dans staging, {count(publies or 0, 'publié')}.",
            "relancer « Requête nationale » pour ce mois ; ses mesures précédentes sont intactes.",
        )
    return store_mesures(entrepot, "requete", mois, detruites)


def publish_mois(entrepot: Connection, mois: Mois, run_id: str, *, depot: bool) -> dict[str, int]:
    """Replace the month in core, with who is set aside and why, in the caller's transaction.

    A row that breaks a blocking rule is left out and counted: it holds its own Caf, never the hundred others. A Caf
    whose persons are destroyed keeps its counts.

    Returns:
        ``demandeurs`` and ``transmissibles``, people.
    """
    cle = str(mois)
    find_quarantaine(entrepot, mois)
    detruites = replace_partition(entrepot, "core.demandeur", cle)
    transmissibles = run_sql(entrepot, "requete/publish_core.sql", mois=cle, lignes=None).rowcount
    run_sql(entrepot, "requete/delete_ecartes.sql", mois=cle, detruites=detruites)
    run_sql(entrepot, "requete/publish_ecartes.sql", mois=cle)
    run_sql(
        entrepot, "requete/publish_publication.sql", mois=cle, run_id=run_id, depot=depot, detruites=detruites
    )
    demandeurs = run_sql(entrepot, "requete/count_demandeurs.sql", mois=cle).scalar_one()
    return {"demandeurs": demandeurs, "transmissibles": transmissibles}


def publish_lignes(entrepot: Connection, mois: Mois, lignes: Sequence[int]) -> None:
    """Publish again these lines of a month that is published, as they are cleaned, in the caller's transaction."""
    find_quarantaine(entrepot, mois)
    run_sql(entrepot, "requete/delete_publies.sql", mois=mois, lignes=list(lignes))
    run_sql(entrepot, "requete/publish_core.sql", mois=mois, lignes=list(lignes))
