"""The purge: what is due is destroyed in the tables and on the share, looked for again, then certified.

Two acts a lot, each safe to repeat: the decision and the tables; then the share, a second look and the certificate.
From the first act on, nothing of the lot is extracted nor dropped again; an interruption is taken up by the next run.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from aller_vers.destruction.echeances import LIBELLES, Cause, Lot, MoisTenu, decide_lot, decide_mois
from aller_vers.destruction.lieux import (
    TABLES,
    delete_lot,
    drop_tables,
    find_restes,
    lock_mois,
    rewrite_tables,
)
from aller_vers.destruction.lots_inconnus import Inconnu, find_inconnus, list_connus, scan_mois
from aller_vers.lots.etat import load_paroles, remove_lot
from aller_vers.lots.inscription import declare_depot
from aller_vers.partage.partage import Partage
from aller_vers.requete.publication import measure_mois
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count, write_de
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.evenements import record_evenement

Ouvrir = Callable[[], AbstractContextManager[Connection]]


@dataclass
class BilanPurge:
    """What a purge did: lots and months certified, extracts dropped that nothing followed, what waits and why."""

    lots: int = 0
    mois: int = 0
    sans_suite: int = 0
    en_attente: dict[str, str] = field(default_factory=dict)
    echecs: dict[str, str] = field(default_factory=dict)

    def require_complete(self) -> None:
        """Let the purge succeed.

        Raises:
            ErreurAllerVers: something due could not be destroyed, or not be proven to be; the rest was.
        """
        if self.echecs:
            raison = next(iter(self.echecs.values()))
            raise ErreurAllerVers(
                f"{count(len(self.echecs), 'destruction inachevée', feminin=True)} ({', '.join(list(self.echecs)[:5])}"
                f"{'…' if len(self.echecs) > 5 else ''}) : {raison}",
                "corriger la cause ; la prochaine purge les achève, et rien n'est attesté d'ici là.",
                passagere=True,
            )


def purge_personnes(
    ouvrir: Ouvrir, partage: Partage, reglages: Reglages, maintenant: datetime, run_id: str
) -> BilanPurge:
    """Destroy every lot and month that is due, and certify what is proven to be gone.

    A share that is not there stops neither the tables nor the other lots; what it may still hold is not certified.

    Args:
        ouvrir: opens a transaction on the warehouse as ``av_etl``.
        partage: the share.
        reglages: retention.
        maintenant: the instant of the purge.
        run_id: of the run, for the certificates.
    """
    bilan = BilanPurge()
    panne = _find_panne(partage)
    jour = maintenant.astimezone(PARIS).date()
    entames: set[str] = set()
    attendent: set[str] = set()
    try:
        if panne is None:
            attendent = _adopt_inconnus(ouvrir, partage, reglages, jour, run_id, bilan, entames)
    except ErreurAllerVers as erreur:
        bilan.echecs["partage"] = erreur.constat
    with ouvrir() as entrepot:
        lots = load_lots(entrepot)
    for lot in lots:
        if not lot.entreprise:
            cause = decide_lot(lot, jour, reglages)
            if cause is None:
                continue
            with ouvrir() as entrepot:
                _begin_lot(entrepot, lot.mois, lot.code_caf, cause, run_id, entames)
            entames.add(lot.mois)
        nom = f"{lot.mois} Caf {lot.code_caf}"
        try:
            if panne:
                raise panne
            with ouvrir() as entrepot:
                bilan.lots += _complete(
                    entrepot, partage, lot.mois, lot.code_caf, run_id, _describe_portee(reglages, jour)
                )
        except ErreurAllerVers as erreur:
            bilan.echecs[nom] = erreur.constat
    with ouvrir() as entrepot:
        tenus = load_mois(entrepot)
    for mois in tenus:
        if mois.mois in attendent:
            continue
        try:
            _purge_mois(ouvrir, partage, reglages, mois, maintenant, run_id, bilan, panne)
        except ErreurAllerVers as erreur:
            bilan.echecs[mois.mois] = erreur.constat
    for entame in sorted(entames):  # those whose tables still stand
        with ouvrir() as entrepot:
            rewrite_tables(entrepot, entame)
    return bilan


def _find_panne(partage: Partage) -> ErreurAllerVers | None:
    try:
        partage.scan("")
    except ErreurAllerVers as erreur:
        return erreur
    return None


def load_lots(entrepot: Connection) -> list[Lot]:
    """Return the lots whose destruction is not certified."""
    return [
        Lot(**ligne._mapping) for ligne in run_sql(entrepot, "destruction/select_lots.sql", nation=NATION)
    ]


def load_mois(entrepot: Connection) -> list[MoisTenu]:
    """Return the months that are published, have a lot or tables, and are not certified destroyed."""
    lignes = run_sql(entrepot, "destruction/select_mois.sql", tables=list(TABLES), nation=NATION)
    return [MoisTenu(**ligne._mapping) for ligne in lignes]


def _adopt_inconnus(
    ouvrir: Ouvrir, partage: Partage, reglages: Reglages, jour: date, run_id: str,
    bilan: BilanPurge, entames: set[str],
) -> set[str]:  # fmt: skip
    """Begin with the due lots that the ledger does not know; return the months of which some are not due yet."""
    attendent: set[str] = set()
    entrees = scan_mois(partage)
    with ouvrir() as entrepot:
        connus = list_connus(entrepot, {e.nom for e, _ in entrees})
    for inconnu in find_inconnus(partage, entrees, connus):
        nom = f"{inconnu.mois} Caf {inconnu.code_caf}"
        if not inconnu.is_due(jour, reglages):
            attendent.add(inconnu.mois)
        elif not inconnu.entier:
            bilan.echecs[nom] = (
                f"{inconnu.code_caf}/{inconnu.mois} est un dossier que la trace ne connaît pas, et il tient autre "
                "chose qu'un lot entier : rien n'y est détruit. Mettre ailleurs ce que la Caf garde, puis supprimer "
                "le dossier."
            )
        else:
            try:
                with ouvrir() as entrepot:
                    _adopt(entrepot, inconnu, run_id, entames)
                entames.add(inconnu.mois)
            except ErreurAllerVers as erreur:
                bilan.echecs[nom] = erreur.constat
    return attendent


def _adopt(entrepot: Connection, inconnu: Inconnu, run_id: str, entames: set[str]) -> None:
    """Say again in the ledger what was dropped, and that its destruction is under way."""
    lock(entrepot, "lot", inconnu.mois, inconnu.code_caf)
    if (inconnu.mois, inconnu.code_caf) in list_connus(entrepot, {inconnu.mois}):
        return  # its drop has just ended
    mois = Mois.parse(inconnu.mois)
    for manifeste in inconnu.manifestes:
        declare_depot(entrepot, manifeste, load_paroles(entrepot, mois, inconnu.code_caf))
        if manifeste.lignes == 0:
            record_evenement(
                entrepot, mois=mois, code_caf=inconnu.code_caf, version=manifeste.version,
                etat="rien_a_transmettre", acteur="purge",
            )  # fmt: skip
    _begin_lot(entrepot, inconnu.mois, inconnu.code_caf, "inconnu", run_id, entames)


def _begin_lot(
    entrepot: Connection, mois: str, code_caf: str, cause: Cause, run_id: str, entames: set[str]
) -> None:
    lock(entrepot, "lot", mois, code_caf)  # a drop that is under way ends first
    lock_mois(entrepot, mois)
    if mois not in entames:
        _keep_mesures(entrepot, mois)
    comptes = delete_lot(entrepot, mois, code_caf)
    _begin(entrepot, mois, code_caf, cause, run_id, comptes)


def _keep_mesures(entrepot: Connection, mois: str) -> None:
    """Measure the month while its persons are there: an interruption may have left that undone."""
    with suppress(ErreurAllerVers):  # what they make is not the published month: the stored measures stay
        measure_mois(entrepot, Mois.parse(mois))


def _begin(
    entrepot: Connection, mois: str, code_caf: str, cause: Cause, run_id: str, comptes: dict[str, int]
) -> None:
    run_sql(
        entrepot,
        "destruction/insert_destruction.sql",
        mois=mois,
        code_caf=code_caf,
        cause=cause,
        run_id=run_id,
        comptes=json.dumps(comptes),
    )


def _purge_mois(
    ouvrir: Ouvrir, partage: Partage, reglages: Reglages, mois: MoisTenu, maintenant: datetime, run_id: str,
    bilan: BilanPurge, panne: ErreurAllerVers | None,
) -> None:  # fmt: skip
    jour = maintenant.astimezone(PARIS).date()
    entreprise_le = mois.entreprise_le
    if entreprise_le is None:
        if decide_mois(mois, jour, reglages) is None:
            return
        with ouvrir() as entrepot:
            lock_mois(entrepot, mois.mois)
            # Whoever was filling its tables may have made the month live again.
            actuel = next((m for m in load_mois(entrepot) if m.mois == mois.mois), None)
            cause = decide_mois(actuel, jour, reglages) if actuel else None
            if actuel is None or cause is None:
                return
            _keep_mesures(entrepot, mois.mois)
            comptes = drop_tables(entrepot, mois.mois)
            if cause == "sans_suite":
                bilan.sans_suite += actuel.a_des_tables
                return
            _begin(entrepot, mois.mois, NATION, cause, run_id, comptes)
            entreprise_le = maintenant
    if mois.expires < mois.lots:
        with ouvrir() as entrepot:
            actuel = next((m for m in load_mois(entrepot) if m.mois == mois.mois), None)
        if actuel and actuel.expires < actuel.lots:
            return  # told already, lot by lot
    if anciennes := count_sauvegardes(reglages.dossier_sauvegardes, entreprise_le):
        bilan.en_attente[mois.mois] = f"{count(anciennes, 'sauvegarde', feminin=True)} d'avant sa destruction"
        return
    if panne:
        raise panne
    with ouvrir() as entrepot:
        portee = _describe_portee(reglages, jour, mois_entier=True)
        bilan.mois += _complete(entrepot, partage, mois.mois, NATION, run_id, portee)


def _describe_portee(reglages: Reglages, jour: date, *, mois_entier: bool = False) -> dict[str, object]:
    """Say what a certificate covers, and until when PostgreSQL's logs and replicas may hold what it destroys."""
    sauvegardes = ["sauvegardes"] if mois_entier and reglages.dossier_sauvegardes else []
    fin = jour + timedelta(days=reglages.jours_archives_postgres)
    return {"portee": ["base", "partage", *sauvegardes], "journaux_jusqu_au": fin.isoformat()}


def _complete(
    entrepot: Connection, partage: Partage, mois: str, code_caf: str, run_id: str, portee: dict[str, object]
) -> bool:
    """Empty the share, look again, then certify; False when it was certified already.

    Raises:
        ErreurAllerVers: something is left.
    """
    lock(entrepot, "lot", mois, code_caf)
    acte = run_sql(entrepot, "destruction/select_destruction.sql", mois=mois, code_caf=code_caf).one()
    if acte.certifiee:
        return False
    if code_caf != NATION:
        remove_lot(partage, mois, code_caf)
    restes = find_restes(entrepot, partage, mois, None if code_caf == NATION else code_caf)
    if restes:
        raise ErreurAllerVers(
            f"Après sa destruction, il reste {write_de(Mois.parse(str(mois)).libelle)} (Caf {code_caf}) : "
            f"{', '.join(restes)}.",
            "chercher qui l'a remis, puis relancer la purge.",
        )
    preuve = {
        "execution": acte.run_id,
        "entreprise_le": acte.entreprise_le.isoformat(),
        "identites": acte.identites,
        "lignes_detruites": acte.comptes,
        "reste": 0,
        **portee,
    }
    if run_id != acte.run_id:
        preuve["achevee_par"] = run_id
    return record_evenement(
        entrepot, mois=Mois.parse(mois), code_caf=code_caf, version=acte.version, etat="expire", acteur="purge",
        motif=LIBELLES[acte.cause], preuve=preuve,
    )  # fmt: skip


def count_sauvegardes(dossier: Path | None, avant: datetime) -> int:
    """Return how many backups of this folder were made before this instant."""
    if dossier is None:
        return 0
    if not dossier.is_dir():
        raise ErreurAllerVers(
            f"Le dossier des sauvegardes {dossier} est introuvable.", "corriger dossier_sauvegardes."
        )
    return sum(f.lstat().st_mtime < avant.timestamp() for f in dossier.rglob("*") if not f.is_dir())
