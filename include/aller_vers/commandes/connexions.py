"""Where a command finds the warehouse: Airflow's own variable of the connection, else the laptop's installation."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pydantic import SecretStr
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from aller_vers.exploitation import connexions_env
from aller_vers.partage.marque import recognise
from aller_vers.partage.partage import Partage
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.reglages import Reglages, load_reglages


@contextmanager
def open_base(nom: str) -> Iterator[Connection]:
    """Open a transaction under the role of this connection: the warehouse's (``av_pilotage``…), or ``av_source``.

    Raises:
        ErreurAllerVers: the connection is not one that a command can read, or does not answer.
    """
    with open_transaction(_find_adresse(nom), nom) as connexion:
        yield connexion


def open_partage() -> Partage:
    """Return the share of the environment's connection, else the laptop's; it looks for its mark before each act."""
    with open_base("av_entrepot") as entrepot:
        return recognise(entrepot, _find_partage())


def _find_partage() -> Partage:
    if "AIRFLOW_CONN_AV_PARTAGE" in os.environ:
        return connexions_env.open_partage(os.environ)
    from aller_vers.poste.installation import load_poste

    return Partage(str(load_poste().partage))


def find_secret_lot(code_caf: str) -> str | None:
    """Return the secret of a Caf's encrypted files, None if there is none."""
    try:
        trouvee = connexions_env.find_connexion(os.environ, f"av_lot_{code_caf}")
    except ValueError as erreur:
        raise ErreurAllerVers(
            f"La connexion av_lot_{code_caf} est illisible ({erreur}).",
            "lancer python -m aller_vers verifier.",
        ) from None
    return trouvee.mot_de_passe or None if trouvee else None


def find_environnement() -> Mapping[str, str]:
    """Return the environment that gives Airflow's connections: this one, else that of the laptop's installation."""
    if "AIRFLOW_CONN_AV_ENTREPOT" in os.environ:
        return os.environ
    from aller_vers.poste.installation import load_poste

    return load_poste().build_environnement()


def load_reglages_du_poste() -> Reglages:
    """Return the settings; on a laptop, with the key of identities that its installation has made."""
    reglages = load_reglages()
    if reglages.cle_identite is not None or "AIRFLOW_CONN_AV_PILOTAGE" in os.environ:
        return reglages
    from aller_vers.poste.installation import load_poste

    return reglages.model_copy(update={"cle_identite": SecretStr(load_poste().secrets["identite"])})


def _find_adresse(nom: str) -> str:
    variable = f"AIRFLOW_CONN_{nom.upper()}"
    lue = os.environ.get(variable)
    if lue:
        try:
            url = make_url(lue).difference_update_query(["__extra__"])
        except (ArgumentError, ValueError):  # their texts may quote the password
            raise ErreurAllerVers(
                f"La variable {variable} n'est pas une adresse.",
                "l'écrire postgresql://utilisateur:secret@hôte:port/base.",
            ) from None
        return url.render_as_string(hide_password=False)
    from aller_vers.poste.installation import ENTREPOT, ROLE_SOURCE, ROLES_ENTREPOT, SOURCE, load_poste

    poste = load_poste()
    if not poste.grappe.is_running():
        raise ErreurAllerVers(
            "L'entrepôt de ce poste n'est pas démarré.",
            f"faire d'abord make ui, ou donner l'adresse d'un autre par {variable}.",
        )
    if nom == "av_source":
        return poste.build_dsn(SOURCE, ROLE_SOURCE)
    return poste.build_dsn(ENTREPOT, ROLES_ENTREPOT[nom])
