"""Who sees what: from the marts and the diffusion, the values that each reader may be given.

| reader | sees |
|---|---|
| national team | the marts, complete |
| a Caf | its own figures, complete: what it asked for, received or put down itself, the monthly funnel included |
| a Cpam | its own returns, complete |
| everybody | what is published |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from aller_vers.diffusion.modele import Case
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import NATION, Valeur

# What a Cpam says of its half-year (precarity, mental health, no cover) does not pass through a Caf's folder.
SENSIBLES = frozenset({"retour_semestriel", "profil_aidant"})


def view_nation(valeurs: Iterable[Valeur]) -> list[Case]:
    """Return what the national team sees: every value as it is."""
    return [Case(v, v.statut) for v in valeurs if v.niveau == "national"]


def view_cpam(code_cpam: str, valeurs: Iterable[Valeur]) -> list[Case]:
    """Return what a Cpam sees of itself: its own returns, complete."""
    return [Case(v, v.statut) for v in valeurs if v.niveau == "cpam" and v.territoire == code_cpam]


def view_caf(
    code_caf: str, valeurs: Iterable[Valeur], dictionnaire: Sequence[Indicateur], seuil: int
) -> list[Case]:  # fmt: skip
    """Return what a Caf sees of itself: its values as they are, but small counts of the sensitive returns."""
    sensibles = {(i.code, i.version) for i in dictionnaire if i.mesures & SENSIBLES}
    return [
        Case(v, v.statut)
        for v in valeurs
        if v.niveau == "caf" and v.territoire == code_caf
        and not ((v.code, v.version) in sensibles and _is_petite(v, seuil))
    ]  # fmt: skip


def view_public(cases: Iterable[Case]) -> list[Case]:
    """Return what everybody sees of the nation."""
    return [c for c in cases if c.valeur.niveau == "national" and c.valeur.territoire == NATION]


def _is_petite(v: Valeur, seuil: int) -> bool:
    return any(n is not None and n < seuil for n in (v.numerateur, v.denominateur, _leave(v)))


def _leave(v: Valeur) -> Decimal | None:
    """Return how many a rate leaves out of its whole."""
    return None if v.numerateur is None or v.denominateur is None else v.denominateur - v.numerateur
