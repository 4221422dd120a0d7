"""The monthly seal dated by an authority of one's choice (RFC 3161); one that is silent delays nothing, and is told."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.francais import write_de
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.alertes import Constat, follow
from aller_vers.suivi.avis import EQUIPE, queue_avis
from aller_vers.suivi.trace import load_sceaux

_DELAI: Final = 10.0
_OCTETS_MAX: Final = 100_000
_SHA256: Final = bytes.fromhex("300d06096086480165030402010500")
_SUJET: Final = "horodatage"
Ouvrir = Callable[[], AbstractContextManager[Connection]]


class HorodatageRefuseError(Exception):
    """The authority gave no date for this seal; the text is a code, never what it answered."""


def timestamp_sceaux(ouvrir: Ouvrir, adresse: str, maintenant: datetime) -> dict[str, int]:
    """Ask this authority to date each seal that has no token yet; nothing is held open while it answers.

    Returns:
        ``horodates`` and ``non_horodates``: seals; the team is told of the latter once a day, and of the end of it.
    """
    if not adresse:
        return {"horodates": 0, "non_horodates": 0}
    with ouvrir() as entrepot:
        sceaux = load_sceaux(entrepot)
        faits = set(run_sql(entrepot, "suivi/select_jetons.sql", scelle_pour=None).scalars())
    refus: dict[str, str] = {}
    for pour in sorted(sceaux.keys() - faits):
        try:
            jeton = ask(adresse, sceaux[pour])
        except HorodatageRefuseError as erreur:
            refus[pour] = str(erreur)
            break  # the next one would wait as long
        with ouvrir() as entrepot:
            run_sql(entrepot, "suivi/insert_jeton.sql", scelle_pour=pour, jeton=jeton)
        faits.add(pour)
    with ouvrir() as entrepot:
        _tell(entrepot, refus, maintenant)
    return {"horodates": len(sceaux.keys() & faits), "non_horodates": len(sceaux.keys() - faits)}


def ask(adresse: str, sceau: bytes) -> bytes:
    """Return the authority's answer on this text, checked: it dates this text, and answers this request.

    Raises:
        HorodatageRefuseError: it does not answer, refuses, or dates something else.
    """
    import httpx

    numero, empreinte = secrets.randbits(63) | 1, sha256(sceau).digest()
    try:
        reponse = httpx.post(
            adresse, content=build_demande(empreinte, numero), timeout=_DELAI, follow_redirects=False,
            headers={"Content-Type": "application/timestamp-query"},
        )  # fmt: skip
    except (httpx.HTTPError, httpx.InvalidURL, OSError):  # their texts quote the address
        raise HorodatageRefuseError("sans_reponse") from None
    if reponse.status_code != httpx.codes.OK or len(reponse.content) > _OCTETS_MAX:
        raise HorodatageRefuseError(f"refus {reponse.status_code}")
    try:
        statut, date_une_empreinte, repond_au = read_reponse(reponse.content)
    except (IndexError, ValueError):
        raise HorodatageRefuseError("illisible") from None
    if statut not in (0, 1):  # granted, or granted with modifications
        raise HorodatageRefuseError("refuse")
    if (date_une_empreinte, repond_au) != (empreinte, numero):
        raise HorodatageRefuseError("autre_chose")
    return reponse.content


def build_demande(empreinte: bytes, numero: int) -> bytes:
    """Return a TimeStampReq, DER: version 1, SHA-256 imprint, nonce, the certificate asked for (RFC 3161 §2.4.1)."""
    return _der(
        0x30,
        _der(0x02, b"\x01")
        + _der(0x30, _SHA256 + _der(0x04, empreinte))
        + _der(0x02, numero.to_bytes(numero.bit_length() // 8 + 1, "big"))
        + _der(0x01, b"\xff"),
    )


def read_reponse(octets: bytes) -> tuple[int, bytes | None, int | None]:
    """Return the status of a TimeStampResp, the imprint that it dates and the nonce that it answers (§2.4.2).

    Raises:
        IndexError: a part is missing.
        ValueError: it is no such answer.
    """
    statut, *jeton = _read(_read(octets)[0][1])
    code = int.from_bytes(_read(statut[1])[0][1], "big")
    if not jeton:
        return code, None, None
    signe = _read(_read(_read(jeton[0][1])[1][1])[0][1])  # ContentInfo, then SignedData
    contenu = _read(_read(_read(signe[2][1])[1][1])[0][1])  # eContent: an OCTET STRING of TSTInfo
    info = _read(contenu[0][1])
    # After the policy, imprint, serial and time, the nonce is the only INTEGER: accuracy is a SEQUENCE.
    numeros = [int.from_bytes(v, "big") for etiquette, v in info[5:] if etiquette == 0x02]
    return code, _read(info[2][1])[1][1], numeros[0] if numeros else None


def _tell(entrepot: Connection, refus: dict[str, str], maintenant: datetime) -> None:
    constats = [Constat(code.split(" ")[0], "avertissement") for code in refus.values()]
    suite = follow(entrepot, _SUJET, "", constats, maintenant)
    if not suite.a_dire:
        return
    if refus:
        [(pour, code)] = refus.items()
        objet = "Proches aidants : le sceau n'est pas horodaté"
        corps = (
            f"L'autorité d'horodatage n'a pas daté le sceau {write_de(Mois.parse(pour).libelle)} "
            f"({code.replace('_', ' ')}). Rien n'est retardé : "
            "la purge le demande de nouveau chaque jour. Si cela dure, vérifier le réglage autorite_horodatage."
        )
    else:
        objet = "Proches aidants : le sceau est de nouveau horodaté"
        corps = "L'autorité d'horodatage répond : chaque sceau a maintenant sa date."
    queue_avis(
        entrepot, cle=f"horodatage/{maintenant.astimezone(PARIS).isoformat()}", destinataire=EQUIPE, objet=objet,
        corps=corps,
    )  # fmt: skip


def _der(etiquette: int, contenu: bytes) -> bytes:
    taille = len(contenu)
    if taille < 0x80:
        return bytes([etiquette, taille]) + contenu
    octets = taille.to_bytes((taille.bit_length() + 7) // 8, "big")
    return bytes([etiquette, 0x80 | len(octets)]) + octets + contenu


def _read(octets: bytes) -> list[tuple[int, bytes]]:
    lus, i = list[tuple[int, bytes]](), 0
    while i < len(octets):
        etiquette, taille, i = octets[i], octets[i + 1], i + 2
        if taille & 0x80:
            n = taille & 0x7F
            taille, i = int.from_bytes(octets[i : i + n], "big"), i + n
        if i + taille > len(octets):
            raise ValueError("cut")
        lus.append((etiquette, octets[i : i + taille]))
        i += taille
    return lus
