"""What a share's server asks for, from the fields of the connection ``av_partage``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def build_options(
    adresse: str, utilisateur: str | None, mot_de_passe: str | None, extra: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the options of a share.

    Extra: ``known_hosts``, ``private_key``, ``private_key_passphrase`` (sftp); ``encrypt`` (smb, true unless it says
    otherwise); ``endpoint_url``, ``region_name`` (s3).
    """
    protocole = adresse.partition("://")[0]
    if protocole == "s3":
        region = extra.get("region_name")
        return {
            "key": utilisateur,
            "secret": mot_de_passe,
            "endpoint_url": extra.get("endpoint_url"),
            "client_kwargs": {"region_name": region} if region else {},
        }
    noms = {"sftp": ("known_hosts", "private_key", "private_key_passphrase"), "smb": ("encrypt",)}
    propres = {nom: extra[nom] for nom in noms.get(protocole, ()) if nom in extra}
    return {"username": utilisateur, "password": mot_de_passe, **propres} if protocole in noms else {}
