"""Reasons that a person writes: French, kept for 36 months, so without anybody's data in them."""

from __future__ import annotations

import re

from aller_vers.socle.erreurs import ErreurAllerVers

LONGUEUR_MAXIMALE = 500
# The same rule as suivi.semble_personnel, which has the last word: once months and days are left out, nine figures in
# a row, whatever separates them, are a telephone or a NIR; so is a NIR of Corsica (2A, 2B).
_DATE = re.compile(r"(?<![0-9])20[0-9]{2}-(0[1-9]|1[0-2])(-[0-3][0-9])?(?![ ./_-]*[0-9])")
_COURRIEL = re.compile(r"[^\s@]+@[^\s@]+")
_SEPARATEURS = str.maketrans("", "", " ./_-\t\r\n\u00a0\u202f\u2011")
_NUMERO = re.compile(r"[0-9]{9}|[12][0-9]{4}2[ab][0-9]{3}", re.IGNORECASE)


def looks_personal(texte: str) -> bool:
    """Tell whether a text looks like somebody's e-mail, telephone or NIR."""
    numero = _NUMERO.search(_DATE.sub("~", texte).translate(_SEPARATEURS))
    return bool(numero or _COURRIEL.search(texte))


def check_motif(motif: str) -> str:
    """Return the reason, trimmed, on one line.

    Raises:
        ErreurAllerVers: it is too long, or looks like somebody's data.
    """
    net = " ".join(motif.split())
    if len(net) > LONGUEUR_MAXIMALE:
        raise ErreurAllerVers(
            f"Le motif dépasse {LONGUEUR_MAXIMALE} caractères.", "l'abréger, puis relancer la tâche."
        )
    if looks_personal(net):
        raise ErreurAllerVers(
            "Le motif ressemble à une donnée personnelle (courriel, téléphone ou NIR) : rien n'a été fait.",
            "récrire le motif sans courriel ni numéro, puis relancer.",
        )
    return net
