"""Keyed identities: equal for equal content, and nothing to anybody without the key."""

from __future__ import annotations

import hmac

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.reglages import Reglages

_OPPOSITION = b"opposition/"


def require_cle(reglages: Reglages) -> bytes:
    """Return the key of identities.

    Raises:
        ErreurAllerVers: it is missing or too short.
    """
    if reglages.cle_identite is None or len(reglages.cle_identite.get_secret_value()) < 32:
        raise ErreurAllerVers(
            "La clé des identités manque ou est trop courte (AV_CLE_IDENTITE, 32 caractères au moins).",
            "la créer une fois pour toutes et la garder : openssl rand -hex 32.",
        )
    return reglages.cle_identite.get_secret_value().encode()


def compute_empreinte(cle: bytes, id_personne: str) -> str:
    """Return the HMAC-SHA256 of a person's identifier, in a space of its own."""
    return hmac.digest(cle, _OPPOSITION + id_personne.strip().encode(), "sha256").hex()
