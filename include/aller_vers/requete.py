"""The national request of a month: judged, then published to core."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from aller_vers.mois import Mois
from aller_vers.partitions import replace_partition
from aller_vers.porte import judge
from aller_vers.profil import load_profil_requete
from aller_vers.regles import profile_requete
from aller_vers.sql import run_sql
from aller_vers.suites import load_suite
from aller_vers.verdicts import CAF_INCONNUE, Jugement, Manquement, save_jugement

GATE = "requete"


def profile(entrepot: Connection, mois: Mois, run_id: str) -> int:
    """Count every rule by Caf, as ``av_etl``; return the number of rules."""
    return profile_requete(entrepot, str(mois), run_id)


def judge_requete(qualite: Connection, mois: Mois, run_id: str) -> Jugement:
    """Judge the run's profile as ``av_qualite``, and record the verdicts."""
    profil = load_profil_requete(qualite, str(mois), run_id)
    jugement = judge(load_suite("requete_nationale"), profil.caf, profil.nation)
    inconnues = tuple(Manquement(code, CAF_INCONNUE, "critical", n) for code, n in profil.inconnues.items())
    jugement = replace(jugement, manquements=(*jugement.manquements, *inconnues))
    save_jugement(qualite, str(mois), GATE, run_id, jugement)
    return jugement


def publish_mois(entrepot: Connection, mois: Mois, run_id: str, *, depot: bool) -> dict[str, int]:
    """Replace the month in core, with who is set aside and why, in the caller's transaction.

    Returns:
        ``demandeurs`` and ``transmissibles``, people.
    """
    cle = str(mois)
    replace_partition(entrepot, "core.demandeur", cle)
    transmissibles = run_sql(entrepot, "requete_nationale/publish_core.sql", mois=cle).rowcount
    run_sql(entrepot, "requete_nationale/delete_ecartes.sql", mois=cle)
    run_sql(entrepot, "requete_nationale/publish_ecartes.sql", mois=cle)
    run_sql(entrepot, "requete_nationale/publish_publication.sql", mois=cle, run_id=run_id, depot=depot)
    demandeurs = run_sql(entrepot, "requete_nationale/count_demandeurs.sql", mois=cle).scalar_one()
    return {"demandeurs": demandeurs, "transmissibles": transmissibles}
