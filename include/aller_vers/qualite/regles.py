"""Rules of the request: one SQL predicate a file, all counted in one pass over staging."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import DOSSIER, load_sql, run_sql

_ENTETE = re.compile(r"-- (\w+): (.+)")
_CHAMPS = ("code", "libelle", "protege", "source", "bloquante")


@dataclass(frozen=True)
class Regle:
    """A rule: what it protects, where it comes from, and the predicate true for a row that breaks it.

    ``bloquante``: the rows that break it go to quarantine, as counts.
    """

    code: str
    libelle: str
    protege: str
    source: str
    bloquante: bool
    predicat: str


def parse_regle(nom: str, texte: str) -> Regle:
    """Read a rule's file: its header, then its predicate.

    Raises:
        ErreurAllerVers: a field of the header is missing, or the code is not the file's name.
    """
    entete = dict(_ENTETE.findall(texte))
    manques = [champ for champ in _CHAMPS if champ not in entete]
    predicat = "\n".join(ligne for ligne in texte.splitlines() if not ligne.startswith("--")).strip()
    if manques or entete.get("code") != nom or not predicat or entete["bloquante"] not in ("oui", "non"):
        raise ErreurAllerVers(
            f"La règle {nom}.sql est incomplète"
            + (f" : il manque {', '.join(manques)}." if manques else " : code, bloquante ou prédicat."),
            "donner à l'en-tête code (le nom du fichier), libelle, protege, source, bloquante (oui ou non), "
            "puis un prédicat SQL.",
        )
    return Regle(
        entete["code"], entete["libelle"], entete["protege"], entete["source"],
        entete["bloquante"] == "oui", predicat,
    )  # fmt: skip


def load_regles(piece: str) -> list[Regle]:
    """Return the rules of a room (``include/sql/<room>/regles/*.sql``), by code."""
    fichiers = sorted((DOSSIER / piece / "regles").glob("*.sql"))
    return [parse_regle(fichier.stem, fichier.read_text(encoding="utf-8")) for fichier in fichiers]


def profile_requete(entrepot: Connection, mois: Mois, run_id: str) -> int:
    """Write the month's profile: one row a Caf with the number of rows that break each rule.

    Returns:
        The number of rules that were counted.

    Raises:
        ErreurAllerVers: a rule is incomplete or cannot be run; it is named.
    """
    regles = load_regles("requete")
    modele = load_sql("requete/profile_caf.sql").text

    def build(choisies: Sequence[Regle]) -> str:
        comptes = (f"'{r.code}', count(d.ligne) FILTER (WHERE ({r.predicat}))" for r in choisies)
        return modele.replace("/*comptes*/", ",\n".join(comptes))

    cle = str(mois)
    run_sql(entrepot, "requete/delete_profil.sql", mois=cle, run_id=run_id)
    run_regles(entrepot, "requete", regles, build, **_list_mois(mois), run_id=run_id)
    run_sql(entrepot, "qualite/delete_quarantaine.sql", mois=cle, run_id=run_id)
    for regle in regles:
        if regle.bloquante:
            run_sql(entrepot, "qualite/insert_quarantaine.sql", mois=cle, run_id=run_id, regle=regle.code)
    return len(regles)


def find_quarantaine(entrepot: Connection, mois: Mois) -> None:
    """List, in ``pg_temp.quarantaine``, the lines of the month that break a blocking rule.

    The same predicates as the profile's; the table is gone with the caller's transaction.
    """
    bloquantes = [regle for regle in load_regles("requete") if regle.bloquante]
    modele = load_sql("requete/create_quarantaine.sql").text

    def build(choisies: Sequence[Regle]) -> str:
        return modele.replace("/*bloquantes*/", "".join(f"\nOR ({r.predicat})" for r in choisies))

    entrepot.execute(text("DROP TABLE IF EXISTS pg_temp.quarantaine"))
    run_regles(entrepot, "requete", bloquantes, build, **_list_mois(mois))


def _list_mois(mois: Mois) -> dict[str, str]:
    return {"mois": str(mois), "mois_precedent": str(mois.shift(-1))}


def run_regles(
    entrepot: Connection,
    piece: str,
    regles: Sequence[Regle],
    build: Callable[[Sequence[Regle]], str],
    **parametres: str,
) -> int:
    """Run a statement that ``build`` makes of rules; return the number of its rows.

    Raises:
        ErreurAllerVers: it is refused because of some rules; they are named, no value is.
    """
    # What a rule compares a row with (the same person elsewhere) is then one hash, not a search for each row.
    entrepot.execute(text("SET LOCAL work_mem TO '256MB'"))
    try:
        with entrepot.begin_nested():
            return entrepot.execute(text(build(regles)), parametres).rowcount
    except DBAPIError as erreur:
        fautives = [r.code for r in regles if not _can_run(entrepot, build([r]), parametres)]
        if not fautives:
            raise
        raise ErreurAllerVers(
            f"La règle {', '.join(fautives)} ne peut pas être comptée ({type(erreur.orig).__name__}) : "
            "rien n'est jugé.",
            f"corriger include/sql/{piece}/regles/{fautives[0]}.sql, puis relancer la tâche.",
        ) from None


def _can_run(entrepot: Connection, ordre: str, parametres: dict[str, str]) -> bool:
    essai = entrepot.begin_nested()
    try:
        entrepot.execute(text(ordre), parametres)
    except DBAPIError:
        return False
    finally:
        essai.rollback()
    return True
