"""The digest of the gate of the returns: one notice a run for the national team, by Caf, Cpam, shape and month."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.qualite.bulletin import compose_bulletin
from aller_vers.qualite.verdicts import Decision
from aller_vers.retours.jugement import FORMES, GATE, Groupe, Retours
from aller_vers.socle.francais import agree
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_cpam
from aller_vers.suivi.alertes import Alerte, Changements, Constat, follow
from aller_vers.suivi.avis import EQUIPE, queue_avis


def announce_retours(entrepot: Connection, retours: Retours, lien: str, maintenant: datetime) -> bool:
    """Put into the outbox what the gate found: what is new, what lasts since another day, what has ended.

    A held return is judged in every run until it is mended, so each run tells what is held now. What is admitted with
    a warning is judged no more: its warning ends with the next return of the same month, shape, Caf and Cpam.

    Returns:
        Whether there was something to tell.
    """
    suites = [_follow(entrepot, groupe, retours, maintenant) for groupe in sorted(retours.decisions)]
    suite = Changements(
        tuple(_gather(s.nouvelles for s in suites)),
        tuple(_gather(s.toujours for s in suites)),
        tuple(_gather(s.finies for s in suites)),
        any(s.a_dire for s in suites),
    )
    return suite.a_dire and queue_avis(
        entrepot,
        cle=f"porte/{GATE}/{maintenant.isoformat()}",
        destinataire=EQUIPE,
        objet=f"Proches aidants : porte des retours : {_summarize(retours.decisions.values())}",
        corps=compose_bulletin(suite, lien),
    )


def _follow(entrepot: Connection, groupe: Groupe, retours: Retours, maintenant: datetime) -> Changements:
    constats = [
        Constat(m.regle, m.decision, groupe.caisse, m.nombre if m.evaluee else None)
        for m in retours.manquements[groupe]
        if m.decision != "conforme"
    ]
    sujet = f"porte:{GATE}/{groupe.forme}/{groupe.depot}/{groupe.code_caf}/{groupe.code_cpam}"
    suite = follow(entrepot, sujet, groupe.mois, constats, maintenant)
    precision = _locate(groupe)

    def locate(alertes: Iterable[Alerte]) -> tuple[Alerte, ...]:
        return tuple(replace(a, constat=replace(a.constat, precision=precision)) for a in alertes)

    return Changements(locate(suite.nouvelles), locate(suite.toujours), locate(suite.finies), suite.a_dire)


def _locate(groupe: Groupe) -> str:
    """Return « Cpam de Lille-Douai (595), retour mensuel, juin 2025 »; without the Cpam where there is none."""
    forme = f"{FORMES[groupe.forme]}, {Mois.parse(groupe.mois).libelle}"
    if not groupe.code_cpam:
        return forme
    connue = load_cpam().get(groupe.code_cpam)
    return f"{connue.nom if connue else 'Cpam'} ({groupe.code_cpam}), {forme}"


def _gather(parties: Iterable[tuple[Alerte, ...]]) -> list[Alerte]:
    return [alerte for partie in parties for alerte in partie]


def _summarize(decisions: Collection[Decision]) -> str:
    retenus = sum(d == "retenu" for d in decisions)
    avertis = sum(d == "avertissement" for d in decisions)
    parties = [f"{retenus} {agree(retenus, 'retenu')}"] if retenus else []
    parties += [f"{avertis} en avertissement"] if avertis else []
    return ", ".join(parties) or "tout est rétabli"
