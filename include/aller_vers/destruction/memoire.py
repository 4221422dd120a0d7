"""No pestering: who was transmitted a few months ago is left out of the request, and counted.

What is remembered is a keyed hash and a month: no contact, nothing without the key. With the setting at 0, nothing is
remembered and nobody is left out.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from aller_vers.destruction.lieux import find_connus
from aller_vers.lots.contenu import load_version
from aller_vers.socle.identite import compute_empreinte, require_cle
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql


def leave_out_deja_transmis(entrepot: Connection, reglages: Reglages, mois: Mois) -> int:
    """Mark the lines of the month's extract whose person was transmitted in the months before, in its own transaction.

    Returns:
        How many lines were marked.
    """
    run_sql(entrepot, "destruction/delete_deja_transmis.sql", mois=mois)
    if not reglages.mois_sans_repetition:
        return 0
    debut = mois.shift(-reglages.mois_sans_repetition)
    connues = set(run_sql(entrepot, "destruction/select_memoire.sql", debut=debut, mois=mois).scalars())
    if not connues:
        return 0
    trouvees = find_connus(
        entrepot, "destruction/select_extrait.sql", str(mois), require_cle(reglages), connues
    )
    lignes = [ligne.ligne for ligne in trouvees]
    return run_sql(entrepot, "destruction/insert_deja_transmis.sql", mois=mois, lignes=lignes).rowcount


def remember_transmis(entrepot: Connection, reglages: Reglages, jour: date) -> int:
    """Remember the people of the lots that every recipient has been sent; return how many are new.

    While one recipient is awaited, nobody knows which of its people were sent. A lot that is not in the tables any more
    as it was dropped is remembered no more, and one that is remembered is not read again.
    """
    if not reglages.mois_sans_repetition:
        return 0
    cle, nouveaux = require_cle(reglages), 0
    debut = find_oubli(reglages, jour)
    for lot in run_sql(entrepot, "destruction/select_transmis_entiers.sql", debut=debut).all():
        nomme = load_version(entrepot, Mois.parse(lot.mois), lot.code_caf, lot.version, cle)
        if nomme is None:
            continue
        empreintes = sorted({compute_empreinte(cle, p) for qui in nomme.personnes.values() for p in qui})
        nouveaux += run_sql(
            entrepot, "destruction/insert_memoire.sql", mois=lot.mois, empreintes=empreintes
        ).rowcount
        run_sql(entrepot, "destruction/insert_lot_memorise.sql", **lot._mapping)
    return nouveaux


def find_oubli(reglages: Reglages, jour: date) -> Mois:
    """Return the first month that is remembered on this day: the request of last month still looks at it."""
    return Mois.of(jour).shift(-1 - reglages.mois_sans_repetition)


def forget_transmis(entrepot: Connection, reglages: Reglages, jour: date) -> int:
    """Forget who was transmitted before the delay, everybody where the setting is 0; return how many rows went."""
    avant = find_oubli(reglages, jour) if reglages.mois_sans_repetition else Mois.of(jour).shift(12)
    return run_sql(entrepot, "destruction/delete_memoire.sql", avant=avant, empreintes=[]).rowcount
