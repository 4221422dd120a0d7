"""Rules of the request: one SQL predicate a file, all counted in one pass over staging."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.fichiers_edites import read_texte
from aller_vers.socle.sql import DOSSIER

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
    return [parse_regle(fichier.stem, read_texte(fichier)) for fichier in fichiers]


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
