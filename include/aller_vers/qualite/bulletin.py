"""The digest of a gate: one notice a run for the national team, whatever the number of Caf."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.qualite.libelles import find_libelle
from aller_vers.qualite.verdicts import Jugement
from aller_vers.socle.francais import agree, count, write_instant
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.suivi.alertes import Alerte, Changements, Constat, follow
from aller_vers.suivi.avis import EQUIPE, queue_avis

NOMS = {"requete": "porte de la requête", "depots": "relecture des lots", "marts": "porte des indicateurs"}
_CAF_CITEES = 20
_RANG = {"retenu": 0, "avertissement": 1}


def announce_porte(
    entrepot: Connection, porte: str, mois: Mois, jugement: Jugement, lien: str, maintenant: datetime
) -> bool:
    """Put into the outbox what the gate found: what is new, what lasts since another day, what has ended.

    Returns:
        Whether there was something to tell.
    """
    suite = follow(entrepot, f"porte:{porte}", str(mois), list_constats(jugement), maintenant)
    return suite.a_dire and queue_avis(
        entrepot,
        cle=f"porte/{porte}/{mois}/{maintenant.isoformat()}",
        destinataire=EQUIPE,
        objet=f"Proches aidants : {NOMS.get(porte, f'porte {porte}')}, {mois.libelle} : {_summarize(jugement)}",
        corps=compose_bulletin(suite, lien),
    )


def list_constats(jugement: Jugement) -> list[Constat]:
    """Return what a judgement has against each Caf and the nation, warnings included."""
    return [
        Constat(
            m.regle,
            m.decision,
            m.code_caf or "",
            m.nombre if m.evaluee else None,
            f"dérogation {m.derogation}" if m.derogation else "",
        )
        for m in jugement.manquements
        if m.decision != "conforme"
    ]


def compose_bulletin(suite: Changements, lien: str) -> str:
    """Return the digest's text: a line a rule, holds first, its Caf behind it."""
    parties = [
        ("Nouveau :", _describe(suite.nouvelles)),
        ("Toujours là :", _describe(suite.toujours, depuis=True)),
        ("Rétabli :", _describe(suite.finies, depuis=True)),
    ]
    blocs = ["\n".join((titre, *lignes)) for titre, lignes in parties if lignes]
    return "\n\n".join([*blocs, f"Voir l'exécution : {lien}"])


def _summarize(jugement: Jugement) -> str:
    comptes = jugement.count()
    parties = ["le mois est retenu"] if jugement.nation == "retenu" else []
    if jugement.nation == "avertissement":
        parties.append("avertissement national")
    if retenues := comptes["retenu"]:
        parties.append(f"{retenues} Caf {agree(retenues, 'retenue')}")
    if averties := comptes["avertissement"]:
        parties.append(f"{averties} Caf en avertissement")
    return ", ".join(parties) or "tout est rétabli"


def _describe(alertes: Sequence[Alerte], *, depuis: bool = False) -> list[str]:
    groupes: dict[tuple[int, str, str, str], list[Constat]] = {}
    for alerte in alertes:
        constat = alerte.constat
        date = f", depuis le {write_instant(alerte.depuis)}" if depuis else ""
        groupes.setdefault((_RANG.get(constat.gravite, 2), constat.gravite, constat.regle, date), []).append(
            constat
        )
    return [
        f"- {gravite}{date} : {find_libelle(regle)} ({regle}) : {_cite(constats)}"
        for (_, gravite, regle, date), constats in sorted(groupes.items(), key=lambda g: g[0])
    ]


def _cite(constats: Sequence[Constat]) -> str:
    caf = load_caf()
    noms = []
    for constat in constats[:_CAF_CITEES]:
        connue = caf.get(constat.code_caf)
        nom = connue.libelle if connue else (constat.code_caf or "la nation")
        nom += constat.precision and f", {constat.precision}"
        noms.append(nom if constat.nombre is None else f"{nom} ({constat.nombre})")
    autres = len(constats) - _CAF_CITEES
    separateur = " ; " if any(c.precision for c in constats) else ", "
    return separateur.join(noms) + (f" et {count(autres, 'autre')}" if autres > 0 else "")
