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

from sqlalchemy import Connection, bindparam

from aller_vers.destruction.lieux import find_connus, list_mois_tenus, lock_mois, rewrite_tables
from aller_vers.destruction.lots_refaits import OPPOSITION, redo_lot, require_gone
from aller_vers.destruction.purge import Ouvrir
from aller_vers.lots.presentation import TrouverSecret, has_no_secret
from aller_vers.partage.partage import Partage
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count
from aller_vers.socle.identite import compute_empreinte, require_cle
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import load_sql, run_sql

# What the source's contract says of id_personne: a whole number of at most 18 figures.
_IDENTIFIANT = re.compile(r"[1-9][0-9]{0,17}")
_VERROU = "oppositions"


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
    lignes = find_connus(
        entrepot, "destruction/select_extrait.sql", str(mois), require_cle(reglages), connues
    )
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
        mois_tenus = list_mois_tenus(entrepot)
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
                bilan.lots += redo_lot(
                    entrepot, partage, reglages, lot, maintenant, trouver_secret, OPPOSITION
                )
            require_gone(partage, lot)
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
        for ligne in find_connus(entrepot, "destruction/select_personnes.sql", mois, cle, set(empreintes))
    }
    if not personnes:
        return set()
    codes = run_sql(
        entrepot, "destruction/delete_personnes.sql", mois=mois, personnes=sorted(personnes)
    ).scalars()
    lots = sorted(f"{mois}/{code}" for code in codes)
    run_sql(entrepot, "destruction/add_lots.sql", empreintes=empreintes, lots=json.dumps(lots))
    return set(lots)
