"""Objections (L.114-8 II CRPA): a person is destroyed everywhere without delay, and left out from then on.

The identifier goes from the standard input of a command to a keyed hash, and no further: what treats an objection
finds the person by hashing the identifiers that it already holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam

from aller_vers.destruction.lieux import TABLES, lock_mois, rewrite_tables
from aller_vers.destruction.purge import Ouvrir
from aller_vers.lots.depot import write_lot
from aller_vers.lots.etat import find_anciens, remove_lot
from aller_vers.lots.presentation import TrouverSecret, has_no_secret
from aller_vers.partage.partage import Partage
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count
from aller_vers.socle.identite import compute_empreinte, require_cle
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import load_sql, run_sql
from aller_vers.suivi.avis import queue_avis
from aller_vers.suivi.evenements import record_evenement

# What the source's contract says of id_personne: a whole number of at most 18 figures.
_IDENTIFIANT = re.compile(r"[1-9][0-9]{0,17}")
_TRANCHE = 10_000
_VERROU = "oppositions"
_MOTIF = "opposition d'une personne"


@dataclass
class BilanOppositions:
    """Counts of a treatment: objections treated, lots dropped again, and what could not be done."""

    traitees: int = 0
    lots: int = 0
    echecs: dict[str, str] = field(default_factory=dict)

    def require_complete(self) -> None:
        """Let the treatment succeed.

        Raises:
            ErreurAllerVers: a lot that held an objecting person could not be dropped again.
        """
        if self.echecs:
            raise ErreurAllerVers(
                f"{count(len(self.echecs), 'lot')} à refaire sans une personne opposée "
                f"({', '.join(self.echecs)}) : {next(iter(self.echecs.values()))}",
                "corriger la cause ; la prochaine exécution les refait. Les tables sont déjà purgées.",
                passagere=True,
            )


def read_identifiants(lignes: Iterable[str]) -> list[str]:
    """Return the identifiers of these lines, one a line, each once, blank lines apart.

    Raises:
        ErreurAllerVers: there is none, or a line is none; it is told by its rank, never repeated.
    """
    lus = [ligne.strip() for ligne in lignes]
    for rang, lu in enumerate(lus, start=1):
        if lu and not _IDENTIFIANT.fullmatch(lu):
            raise ErreurAllerVers(
                f"La ligne {rang} n'est pas un identifiant de personne.",
                "donner un identifiant (id_personne, un nombre entier) par ligne ; aucune opposition n'a été "
                "enregistrée.",
            )
    if not any(lus):
        raise ErreurAllerVers(
            "Aucun identifiant n'a été donné.", "l'écrire sur l'entrée standard, un par ligne."
        )
    return list(dict.fromkeys(lu for lu in lus if lu))


def record_oppositions(pilotage: Connection, reglages: Reglages, identifiants: Iterable[str]) -> int:
    """Record objections by their keyed hash; return how many are new. Known ones are looked for again."""
    cle = require_cle(reglages)
    return sum(
        bool(
            run_sql(
                pilotage, "destruction/insert_opposition.sql", empreinte=compute_empreinte(cle, identifiant)
            ).scalar_one()
        )
        for identifiant in identifiants
    )


def count_dans_les_tables(entrepot: Connection, identifiants: Sequence[str]) -> int:
    """Return how many of these people the tables hold, as ``av_etl``."""
    return int(
        run_sql(entrepot, "destruction/count_trouvees.sql", identifiants=list(identifiants)).scalar_one()
    )


def count_a_la_source(source: Connection, identifiants: Sequence[str]) -> int:
    """Return how many of these people the source knows."""
    ordre = load_sql("destruction/count_connues_source.sql").bindparams(
        bindparam("cherchees", expanding=True)
    )
    return int(source.execute(ordre, {"cherchees": [int(i) for i in identifiants]}).scalar_one())


def leave_out_opposants(entrepot: Connection, reglages: Reglages, mois: Mois) -> int:
    """Take the contacts of people who object out of the month's extract, in its own transaction.

    Their lines are then what the source gives of an objection: counted, without a contact. One streaming pass, in
    constant memory; none when nobody objects.

    Returns:
        How many lines were left out.
    """
    lock(entrepot, _VERROU)
    connues = {o.empreinte for o in run_sql(entrepot, "destruction/select_oppositions.sql")}
    if not connues:
        return 0
    lignes = _find(entrepot, "destruction/select_extrait.sql", str(mois), require_cle(reglages), connues)
    if lignes:
        numeros = [ligne.ligne for ligne in lignes]
        run_sql(entrepot, "destruction/mark_opposants.sql", mois=mois, lignes=numeros)
    return len(lignes)


def apply_oppositions(
    ouvrir: Ouvrir,
    partage: Partage,
    reglages: Reglages,
    maintenant: datetime,
    trouver_secret: TrouverSecret = has_no_secret,
) -> BilanOppositions:
    """Destroy everywhere the people whose objection waits, and drop again the lots that held them.

    First the tables of every month, each in one transaction that also remembers the lots concerned; then each lot.
    Interrupted anywhere, the next run completes it.
    """
    bilan = BilanOppositions()
    with ouvrir() as entrepot:
        # An extract that did not know the objection ends first: its month is then seen.
        lock(entrepot, _VERROU)
        attente = [o for o in run_sql(entrepot, "destruction/select_oppositions.sql") if o.a_traiter]
        mois_tenus = (
            run_sql(entrepot, "destruction/select_partitions.sql", tables=list(TABLES)).scalars().all()
        )
    if not attente:
        return bilan
    cle = require_cle(reglages)
    empreintes = [o.empreinte for o in attente]
    lots = {lot for o in attente for lot in o.lots}
    for mois in mois_tenus:
        with ouvrir() as entrepot:
            trouves = _delete_from_tables(entrepot, mois, cle, empreintes)
        if trouves:
            with ouvrir() as entrepot:
                rewrite_tables(entrepot, mois)
        lots |= trouves
    for lot in sorted(lots):
        try:
            with ouvrir() as entrepot:
                bilan.lots += _redo_lot(entrepot, partage, reglages, lot, maintenant, trouver_secret)
            _require_gone(partage, lot)
            with ouvrir() as entrepot:
                run_sql(entrepot, "destruction/remove_lot.sql", lot=lot)
        except ErreurAllerVers as erreur:
            bilan.echecs[lot] = erreur.constat
    with ouvrir() as entrepot:
        run_sql(entrepot, "destruction/delete_memoire.sql", avant=None, empreintes=empreintes)
        bilan.traitees = run_sql(entrepot, "destruction/mark_traitees.sql", empreintes=empreintes).rowcount
    return bilan


def _delete_from_tables(entrepot: Connection, mois: str, cle: bytes, empreintes: list[str]) -> set[str]:
    # What fills a table of the month ends first, and the next one knows the objection.
    lock_mois(entrepot, mois)
    personnes = {
        ligne.id_personne
        for ligne in _find(entrepot, "destruction/select_personnes.sql", mois, cle, set(empreintes))
    }
    if not personnes:
        return set()
    codes = run_sql(
        entrepot, "destruction/delete_personnes.sql", mois=mois, personnes=sorted(personnes)
    ).scalars()
    lots = sorted(f"{mois}/{code}" for code in codes)
    run_sql(entrepot, "destruction/add_lots.sql", empreintes=empreintes, lots=json.dumps(lots))
    return set(lots)


def _redo_lot(
    entrepot: Connection, partage: Partage, reglages: Reglages, lot: str, maintenant: datetime,
    trouver_secret: TrouverSecret,
) -> bool:  # fmt: skip
    """Drop a lot again without its objecting people, and tell its Caf; False if there is nothing to drop."""
    mois, _, code_caf = lot.partition("/")
    version = run_sql(entrepot, "destruction/select_version.sql", mois=mois, code_caf=code_caf).scalar_one()
    detruit_le = run_sql(
        entrepot, "lots/select_destruction.sql", mois=mois, code_caf=code_caf, nation=NATION
    ).scalar_one()
    refait = False
    if version and detruit_le is None:
        depose = write_lot(
            entrepot, partage, reglages, Mois.parse(mois), code_caf, maintenant, motif=_MOTIF,
            trouver_secret=trouver_secret,
        )  # fmt: skip
        if depose.etat == "retenu":
            _withdraw(entrepot, partage, mois, code_caf, version)
        refait = depose.etat == "retenu" or depose.version > version
        if refait:
            _announce(entrepot, mois, code_caf, version, None if depose.etat == "retenu" else depose.version)
    return refait


def _require_gone(partage: Partage, lot: str) -> None:
    mois, _, code_caf = lot.partition("/")
    if anciens := find_anciens(partage, mois, code_caf):
        raise ErreurAllerVers(
            f"Le fichier {anciens[0]} du lot {mois} de la Caf {code_caf} ne se supprime pas : il est peut-être ouvert.",
            "demander à la Caf de le fermer.",
        )


def _withdraw(entrepot: Connection, partage: Partage, mois: str, code_caf: str, version: int) -> None:
    """A lot that is held is not written again: what stands of it on the share goes."""
    remove_lot(partage, mois, code_caf)
    record_evenement(
        entrepot, mois=Mois.parse(mois), code_caf=code_caf, version=version, etat="remplace", acteur="oppositions",
        motif="opposition : lot retenu, retiré du partage",
    )  # fmt: skip


def _announce(entrepot: Connection, mois: str, code_caf: str, ancienne: int, nouvelle: int | None) -> None:
    if nouvelle:
        suite = (
            f"Le lot {mois} v{nouvelle} remplace la v{ancienne} : n'utilisez plus que lui, et détruisez toute copie "
            f"de la v{ancienne}.\n"
            f"Si vous avez déjà transmis la v{ancienne}, transmettez aussitôt la v{nouvelle} à chaque Cpam et "
            f"demandez-lui de détruire la v{ancienne} (article L.114-8 II du CRPA)."
        )
    else:
        suite = (
            f"Le lot {mois} v{ancienne} est retiré du partage en attendant une décision nationale : détruisez toute "
            "copie.\nSi vous l'avez déjà transmis, demandez aussitôt à chaque Cpam de le détruire "
            "(article L.114-8 II du CRPA)."
        )
    queue_avis(
        entrepot,
        cle=f"opposition/{mois}/{code_caf}/v{nouvelle or f'{ancienne}-retire'}",
        destinataire=f"caf:{code_caf}",
        objet=f"Proches aidants : une personne s'oppose, lot {mois} à remplacer",
        corps=f"Une personne du lot {mois} s'est opposée au traitement de ses données.\n{suite}",
    )


def _find(entrepot: Connection, requete: str, mois: str, cle: bytes, connues: set[str]) -> list[Any]:
    """Return the lines whose person objects, read slice by slice: few, however many lines there are."""
    ordre = load_sql(requete).execution_options(stream_results=True)
    trouvees: list[Any] = []
    with entrepot.execute(ordre, {"mois": mois}) as lignes:
        for tranche in lignes.partitions(_TRANCHE):
            trouvees += [ligne for ligne in tranche if compute_empreinte(cle, ligne.id_personne) in connues]
    return trouvees
