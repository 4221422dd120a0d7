"""Decisions on held lots: what waits and why; who releases or keeps it; one word of theirs in the ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from aller_vers.qualite.libelles import explain_motif, find_libelle
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages
from aller_vers.socle.sql import run_sql

Decision = Literal["libere", "garde"]
Dite = Literal["libere", "garde", "propose"]
MOTIF_MINIMAL = 10


@dataclass(frozen=True)
class LotRetenu:
    """A lot that the request's gate holds: rules and counts only; ``decision`` None: nobody has decided on it.

    ``propose``: a person would release it, and a second one has to (``seuil_double_regard``).

    ``detruit``: its copies are destroyed, or being; nothing can be decided on it any more.
    """

    mois: str
    code_caf: str
    libelle: str
    run_id: str
    rendu_le: datetime
    regles: Mapping[str, int | None]
    decision: Dite | None
    acteur: str | None
    motif: str | None
    decide_le: datetime | None
    detruit: bool

    @property
    def attend(self) -> bool:
        """Whether it waits for a decision."""
        return self.decision in (None, "propose") and not self.detruit

    @property
    def pourquoi(self) -> str:
        """The reason of the decision, in words: the gate's own where the person gave none."""
        return explain_motif(self.motif or "")

    @property
    def constats(self) -> tuple[str, ...]:
        """Why it is held, French: one sentence a rule, with the number of applicants that it is about."""
        return tuple(
            f"{find_libelle(regle)} : {'non évalué' if nombre is None else count(nombre, 'demandeur')}"
            for regle, nombre in sorted(self.regles.items())
        )

    @property
    def question(self) -> str:
        """Name of the question that this verdict asks: the same verdict again is the same question."""
        verdict = json.dumps(dict(self.regles), sort_keys=True).encode()
        return f"lot-{self.mois}-{self.code_caf}-{hashlib.sha256(verdict).hexdigest()[:8]}"


class DecisionRefuseeError(ErreurAllerVers):
    """A decision that cannot be taken any more: the verdict changed, or the lot is not held, or is destroyed."""


def list_lots_retenus(
    connexion: Connection, mois: Mois | None = None, code_caf: str | None = None
) -> tuple[LotRetenu, ...]:
    """Return the held lots of the published months, newest month first, decided or not."""
    lignes = run_sql(connexion, "qualite/select_retenus.sql", mois=mois, code_caf=code_caf)
    return tuple(LotRetenu(**ligne._mapping) for ligne in lignes)


def record_decision(
    connexion: Connection, lot: LotRetenu, decision: Decision, acteur: str, motif: str
) -> bool:
    """Record a decision on this lot, as it was read, in the caller's transaction; the last one stands.

    Args:
        connexion: as ``av_etl`` or ``av_pilotage``.
        lot: what the person saw.
        decision: ``libere`` drops it at the next run of its Caf, ``garde`` keeps it held; after a release, that
            run suspends what was dropped. Above ``seuil_double_regard`` people, the first ``libere`` proposes it.
        acteur: the user.
        motif: why; required to release; the gate's own for a lot that is kept without one; no personal data.

    Returns:
        False when the same person said the same already: nothing was added.

    Raises:
        DecisionRefuseeError: the lot is not what was read any more; read it again.
        ErreurAllerVers: the reason is missing, or looks like personal data.
    """
    try:
        with connexion.begin_nested():
            return bool(
                run_sql(
                    connexion, "qualite/decide.sql",
                    mois=lot.mois, code_caf=lot.code_caf, decision=decision, acteur=acteur, motif=motif,
                    regles=json.dumps(dict(lot.regles)), seuil=load_reglages().seuil_double_regard,
                ).scalar_one()
            )  # fmt: skip
    except DBAPIError as erreur:
        code = erreur.orig.sqlstate if isinstance(erreur.orig, psycopg.Error) else None
        if refus := _refusal(code, lot):
            raise refus from None
        raise


def _refusal(code: str | None, lot: LotRetenu) -> ErreurAllerVers | None:
    nom = f"Le lot {lot.mois} de la Caf {lot.libelle}"
    relire = "relire la liste des lots retenus avant de décider"
    match code:
        case "AV002":
            return ErreurAllerVers(
                f"{nom} ne se libère pas sans motif.",
                f"écrire pourquoi, en {MOTIF_MINIMAL} caractères au moins.",
            )
        case "23514":
            return ErreurAllerVers(
                f"Le motif donné pour le lot {lot.mois} de la Caf {lot.libelle} ressemble à une donnée personnelle "
                "(courriel, téléphone, NIR, nom, adresse) : il n'est pas inscrit.",
                "récrire le motif sans ce qui désigne quelqu'un.",
            )
        case "AV003":
            return DecisionRefuseeError(f"{nom} n'est pas retenu, ou ne l'est plus.", f"{relire}.")
        case "AV004":
            return DecisionRefuseeError(
                f"Le verdict du lot {lot.mois} de la Caf {lot.libelle} a changé depuis la question.",
                f"{relire}.",
            )
        case "AV006":
            return ErreurAllerVers(
                f"{nom} compte beaucoup de personnes, et vous avez déjà proposé de le libérer.",
                "demander à une seconde personne de le relire, puis de le libérer.",
            )
        case "AV005":
            return DecisionRefuseeError(
                f"{nom} est détruit : il n'y a plus rien à décider.",
                "ne rien faire ; sa trace reste lisible.",
            )
    return None
