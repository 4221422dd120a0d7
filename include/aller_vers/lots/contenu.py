"""What a lot holds: its rows, who they are for, and the keyed identity of that content."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection

from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql

A_REPARTIR = "a_repartir"


class Ligne(NamedTuple):
    """One person as a Caf and a Cpam see them; an empty text is an unknown value."""

    courriel: str
    telephone: str
    code_postal: str


COLONNES = Ligne._fields


@dataclass(frozen=True)
class Contenu:
    """The content of one Caf's lot of a month.

    ``par_destinataire`` maps a recipient (a Cpam's code, ``a_repartir``, or None: one file for the Caf to
    send) to its rows, sorted. Values never show in ``repr``.
    """

    par_destinataire: dict[str | None, tuple[Ligne, ...]] = field(repr=False)

    @property
    def lignes(self) -> int:
        """Number of people."""
        return sum(len(lignes) for lignes in self.par_destinataire.values())

    def find_sans_convention(self, conventionnees: Container[str]) -> dict[str, int]:
        """Return the number of people by certain recipient without a convention in force."""
        return {
            destinataire: len(lignes)
            for destinataire, lignes in self.par_destinataire.items()
            if destinataire not in (None, A_REPARTIR) and destinataire not in conventionnees
        }

    def without(self, destinataires: Container[str | None]) -> Contenu:
        """Return this content without the rows of these recipients."""
        restants = {d: lignes for d, lignes in self.par_destinataire.items() if d not in destinataires}
        return Contenu(restants or {None: ()})

    def compute_identite(self, cle: bytes) -> str:
        """Return the HMAC-SHA256 of the canonical rows: equal for equal content, nothing without the key."""
        canonique = [
            [destinataire or "", *ligne]
            for destinataire, lignes in sorted(
                self.par_destinataire.items(), key=lambda paire: paire[0] or ""
            )
            for ligne in sorted(lignes)
        ]
        texte = json.dumps([sorted(d or "" for d in self.par_destinataire), canonique], ensure_ascii=False)
        return hmac.new(cle, texte.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class ContenuNomme:
    """A content, and who each of its rows is: several people where nothing tells them apart."""

    contenu: Contenu
    personnes: Mapping[tuple[str | None, Ligne], frozenset[str]] = field(repr=False)


def load_contenu(entrepot: Connection, mois: Mois, code_caf: str) -> Contenu:
    """Read a Caf's rows of the month from core, split by recipient where that is certain.

    They are split only where the Caf has several Cpam and all of their perimeters are confirmed; a postcode
    that nothing attributes is then ``a_repartir``. The program never guesses a recipient.
    """
    return _split(_select(entrepot, mois, code_caf))


def load_contenu_nomme(entrepot: Connection, mois: Mois, code_caf: str) -> ContenuNomme:
    """Read what ``load_contenu`` does, and who each row is."""
    rangees = _select(entrepot, mois, code_caf)
    personnes: dict[tuple[str | None, Ligne], set[str]] = {}
    for *valeurs, destinataire, id_personne in rangees:
        personnes.setdefault((destinataire, Ligne(*valeurs)), set()).add(id_personne)
    return ContenuNomme(_split(rangees), {cle: frozenset(p) for cle, p in personnes.items()})


def _select(entrepot: Connection, mois: Mois, code_caf: str) -> Sequence[Any]:
    return run_sql(entrepot, "lots/select_lignes.sql", mois=mois, code_caf=code_caf).all()


def _split(rangees: Sequence[Any]) -> Contenu:
    par_destinataire: dict[str | None, list[Ligne]] = {}
    for courriel, telephone, code_postal, destinataire, _ in rangees:
        par_destinataire.setdefault(destinataire, []).append(Ligne(courriel, telephone, code_postal))
    return Contenu({d: tuple(sorted(lignes)) for d, lignes in par_destinataire.items()} or {None: ()})


def load_version(
    entrepot: Connection, mois: Mois, code_caf: str, version: int, cle: bytes
) -> ContenuNomme | None:
    """Return what a version holds and who its rows are, None if core does not hold it any more as it was dropped."""
    depose = run_sql(
        entrepot, "lots/select_contenu_depose.sql", mois=mois, code_caf=code_caf, version=version
    ).one_or_none()
    if depose is None:
        return None
    nomme = load_contenu_nomme(entrepot, mois, code_caf)
    contenu = nomme.contenu.without(depose.exclus) if depose.exclus else nomme.contenu
    if contenu.compute_identite(cle) != depose.identite:
        return None
    siennes = {(d, li): p for (d, li), p in nomme.personnes.items() if d in contenu.par_destinataire}
    return ContenuNomme(contenu, siennes)
