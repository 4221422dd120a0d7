"""Airflow's connections, as the domain needs them: one address a role, one share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from airflow.sdk import Connection as ConnexionAirflow
from airflow.sdk.exceptions import AirflowNotFoundException
from sqlalchemy import Connection, make_url

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.reglages_caf import read_adresse

if TYPE_CHECKING:
    from aller_vers.partage.partage import Partage
    from aller_vers.suivi.messagerie import Serveur


@contextmanager
def open_base(nom: str) -> Iterator[Connection]:
    """Open a transaction on the database of this Airflow connection (``av_entrepot``, ``av_source``...)."""
    with find_base(nom)() as connexion:
        yield connexion


def find_base(nom: str) -> Callable[[], AbstractContextManager[Connection]]:
    """Return what opens transactions on the database of this connection, which Airflow is asked for once."""
    from aller_vers.socle.entrepot import open_transaction

    uri = _find(nom).get_uri()
    # Airflow writes its own extras into the address; databases do not know them.
    adresse = make_url(uri).difference_update_query(["__extra__"])
    return partial(open_transaction, adresse.render_as_string(hide_password=False), nom)


def read_horloge() -> datetime:
    """Return this instant, which may destroy, certify or call late: the warehouse's clock says the same.

    Raises:
        ErreurAllerVers: the clocks of this worker and of the warehouse differ.
    """
    from aller_vers.socle.entrepot import check_horloge

    with open_base("av_entrepot") as entrepot:
        return check_horloge(entrepot, datetime.now(UTC))


def find_metadonnees() -> str:
    """Return the address of Airflow's own database, as the connection ``av_metadonnees`` gives it."""
    adresse = make_url(_find("av_metadonnees").get_uri()).difference_update_query(["__extra__"])
    return adresse.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def open_partage() -> Partage:
    """Return the share of the connection ``av_partage``, which looks for its mark before each act."""
    from aller_vers.partage.marque import recognise
    from aller_vers.partage.partage import Partage

    trouvee = _find("av_partage")
    partage = Partage.from_connexion(trouvee.login, trouvee.password, trouvee.extra_dejson)
    with open_base("av_entrepot") as entrepot:
        return recognise(entrepot, partage)


def find_secret_lot(code_caf: str) -> str | None:
    """Return the secret of a Caf's encrypted files: the password of the connection ``av_lot_<code>``, None if none."""
    try:
        return ConnexionAirflow.get(f"av_lot_{code_caf}").password or None
    except AirflowNotFoundException:
        return None


def find_serveur() -> Serveur | None:
    """Return the mail server of the connection ``av_smtp``; None when there is no such connection.

    Its extra says ``from``, and ``ssl`` or ``starttls`` (true unless it says otherwise).

    Raises:
        ErreurAllerVers: it lacks a host or a sender, or would give its password in the clear.
    """
    from aller_vers.suivi.messagerie import Serveur, read_chiffrement

    try:
        trouvee = ConnexionAirflow.get("av_smtp")
    except AirflowNotFoundException:
        return None
    extra = trouvee.extra_dejson
    chiffrement = read_chiffrement(extra)
    try:
        expediteur = read_adresse(str(extra.get("from", "")))
    except ValueError:
        raise ErreurAllerVers(
            "La connexion av_smtp ne dit pas de quelle adresse partent les avis.",
            'lui donner en extra {"from": "adresse de l\'expéditeur"}.',
        ) from None
    if not trouvee.host:
        raise ErreurAllerVers(
            "La connexion av_smtp n'a pas d'hôte.", "lui donner celui du serveur de messagerie."
        )
    if trouvee.login and chiffrement == "aucun":
        raise ErreurAllerVers(
            "La connexion av_smtp enverrait son mot de passe en clair.",
            "mettre starttls ou ssl à true dans son extra, ou en retirer l'utilisateur.",
        )
    return Serveur(
        hote=trouvee.host,
        port=trouvee.port or {"ssl": 465, "starttls": 587, "aucun": 25}[chiffrement],
        expediteur=expediteur,
        chiffrement=chiffrement,
        utilisateur=trouvee.login or "",
        mot_de_passe=trouvee.password or "",
    )


def find_salons() -> dict[str, str]:
    """Return the rooms of the connection ``av_apprise``, addresses of Apprise by name; none without it.

    Its extra says ``{"salons": {"tchap": "matrixs://..."}}``; the addresses are hidden from every log.

    Raises:
        ErreurAllerVers: its extra does not say so.
    """
    from airflow.sdk.log import mask_secret

    try:
        trouvee = ConnexionAirflow.get("av_apprise")
    except AirflowNotFoundException:
        return {}
    salons = trouvee.extra_dejson.get("salons")
    if (
        not isinstance(salons, dict)
        or not salons
        or not all(re.fullmatch("[a-z0-9_-]{1,30}", nom) for nom in salons)
        or not all(isinstance(adresse, str) and adresse for adresse in salons.values())
    ):
        raise ErreurAllerVers(
            "La connexion av_apprise ne dit pas quels salons prévenir.",
            'lui donner en extra {"salons": {"nom": "adresse d\'Apprise"}}, le nom en minuscules sans espace.',
        )
    for adresse in salons.values():
        mask_secret(adresse)
    return dict(salons)


def _find(nom: str) -> ConnexionAirflow:
    try:
        trouvee: ConnexionAirflow = ConnexionAirflow.get(nom)
    except AirflowNotFoundException:
        raise ErreurAllerVers(
            f"La connexion Airflow {nom} n'existe pas.",
            f"la créer, par exemple par la variable d'environnement AIRFLOW_CONN_{nom.upper()}.",
        ) from None
    return trouvee
