"""What the gate lets through: verdicts, the ledger's word on treatment and destruction, measures, notices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from aller_vers.mesures.declarees import load_mesures_declarees
from aller_vers.mesures.stockage import store_mesures
from aller_vers.qualite.regles import load_regles
from aller_vers.retours.depots import find_destinataire
from aller_vers.retours.jugement import FORMES
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.avis import queue_avis


@dataclass(frozen=True)
class Publication:
    """``juges``: returns that got a new verdict; ``inscrits``: new events; ``avis``: notices; ``mois`` measured."""

    juges: int
    inscrits: int
    avis: int
    mois: tuple[str, ...]


def publish_retours(entrepot: Connection, run_id: str, reglages: Reglages) -> Publication:
    """Publish what this run's gate decided, in the caller's transaction; again, it changes nothing.

    A return that is held stays out of the measures and of the ledger, and its Caf is told why, once; the former
    version, if there is one, stands. The months whose returns or whose ledger changed are measured anew.
    """
    lock(entrepot, "retours_cpam")
    delais = {"jours_retour": reglages.jours_retour, "mois_certificat": reglages.mois_certificat}
    juges = run_sql(entrepot, "retours/publish_verdicts.sql", run_id=run_id).rowcount
    inscrits = _record_traitements(entrepot, run_id)
    avis = _announce_retenus(entrepot, run_id)
    run_sql(entrepot, "retours/mark_mois.sql", run_id=run_id, **delais)
    mois = list_mois(entrepot, run_id)
    for cle in mois:
        store_retours(entrepot, Mois.parse(cle), delais)
    return Publication(juges, inscrits, avis, mois)


def list_mois(entrepot: Connection, run_id: str) -> tuple[str, ...]:
    """Return the months that this run has measured."""
    return tuple(run_sql(entrepot, "retours/select_mois.sql", run_id=run_id).scalars())


def store_retours(entrepot: Connection, mois: Mois, delais: Mapping[str, int]) -> dict[str, int]:
    """Replace the month's measures that come from the returns and from the ledger; return the rows by measure.

    ``delais``: ``jours_retour`` and ``mois_certificat``, as settings say them.
    """
    declarees = store_declarees(entrepot, mois)
    return {**store_mesures(entrepot, "retours", mois, **delais), "declarees": declarees}


def store_declarees(entrepot: Connection, mois: Mois) -> int:
    """Replace the month's declared measures by those that stand, wherever they came from; return their number."""
    lock(entrepot, "mesure", "declarees", mois)
    histogrammes = [m.code for m in load_mesures_declarees().values() if m.type == "histogramme"]
    run_sql(entrepot, "retours/delete_declarees.sql", mois=mois)
    return run_sql(entrepot, "retours/insert_declarees.sql", mois=mois, codes=histogrammes).rowcount


def _record_traitements(entrepot: Connection, run_id: str) -> int:
    inscrits = 0
    for ligne in run_sql(entrepot, "retours/select_traitements.sql", run_id=run_id).all():
        lot = {
            "mois": ligne.mois, "code_caf": ligne.code_caf, "version": ligne.version,
            "code_cpam": ligne.code_cpam, "acteur": "retours_cpam",
        }  # fmt: skip
        preuves = {"traite": {"date_fin_traitement": ligne.date_fin_traitement}}
        if ligne.date_destruction:
            preuves["detruit"] = {"date_destruction": ligne.date_destruction}
        for etat, preuve in preuves.items():
            inscrits += run_sql(
                entrepot, "retours/record_etat.sql", **lot, etat=etat, preuve=json.dumps(preuve)
            ).scalar_one()
    for copie in run_sql(entrepot, "retours/select_copies_certifiees.sql", run_id=run_id).all():
        inscrits += run_sql(
            entrepot, "retours/record_etat.sql",
            mois=copie.mois, code_caf=copie.code_caf, version=copie.version, code_cpam=copie.code_cpam,
            acteur="retours_cpam", etat="detruit",
            preuve=json.dumps({"date_destruction": copie.date_destruction}),
        ).scalar_one()  # fmt: skip
    return inscrits


def _announce_retenus(entrepot: Connection, run_id: str) -> int:
    libelles = {regle.code: regle.libelle for regle in load_regles("retours")}
    avis = 0
    for groupe in run_sql(entrepot, "qualite/select_profil_retours.sql", run_id=run_id):
        if groupe.decision != "retenu":
            continue
        fautes = [f"{libelles[r]} ({n})" for r, n in sorted(groupe.comptes.items()) if n]
        cpam = f" de la Cpam {groupe.code_cpam}" if groupe.code_cpam else ""
        # Of a file that several Caf share, the others' rows are not held.
        cpam += f" pour la Caf {groupe.code_caf}" if groupe.code_caf not in ("", groupe.depot) else ""
        forme, libelle = FORMES[groupe.forme], Mois.parse(groupe.mois).libelle
        avis += queue_avis(
            entrepot,
            cle="/".join(("retour", groupe.mois, groupe.forme, groupe.depot, groupe.code_caf or "-",
                          groupe.code_cpam or "-", str(groupe.dernier_id),
                          *sorted(r for r, n in groupe.comptes.items() if n))),
            destinataire=find_destinataire(groupe.depot),
            objet=f"Proches aidants : {forme}{cpam} à corriger, {libelle}",
            corps=f"Le {forme}{cpam} ({libelle}) est reçu, mais retenu : {' ; '.join(fautes) or 'règle non évaluée'}. "
            "Il n'est compté nulle part. Le corriger et le déposer de nouveau dans retours/ ; s'il manque l'accusé de "
            "transmission du lot, déposer l'accusé suffit.",
        )  # fmt: skip
    return avis
