"""The laptop's databases: made once, migrated at each start, the source filled with synthetic people."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date

import psycopg
from psycopg import sql

from aller_vers.partage.marque import mark
from aller_vers.partage.partage import Partage
from aller_vers.poste.installation import (
    ENTREPOT,
    METADONNEES,
    ROLE_METADONNEES,
    ROLE_SOURCE,
    ROLES_ENTREPOT,
    SOURCE,
    Poste,
)
from aller_vers.poste.postgres import ADMIN
from aller_vers.poste.synthetique import Parametres, SourceDejaRemplieError, fill_source, let_read
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.migrations import migrate
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel_entrepot import load_reference
from aller_vers.socle.roles import close_bases, limit_role

PREMIER_MOIS = Mois(2024, 7)


def prepare_entrepot(poste: Poste) -> list[str]:
    """Make, migrate and fill with reference data the warehouse and its roles; return what was applied."""
    _create_base(poste, ENTREPOT)
    with open_transaction(poste.grappe.dsn(ENTREPOT), "av_admin") as connexion:
        appliquees = migrate(connexion)
        try:
            mark(connexion, Partage(poste.partage.as_uri()))
        except ErreurAllerVers as refus:
            remede = "remettre ce dossier, ou tout recommencer : make clean."
            raise ErreurAllerVers(refus.constat, remede) from None
    for role in ROLES_ENTREPOT.values():
        _give_login(poste, role)
    with open_transaction(poste.build_dsn(ENTREPOT, "av_etl"), "av_entrepot") as connexion:
        load_reference(connexion, exemples=True)
    return appliquees


def prepare_metadonnees(poste: Poste) -> None:
    """Make Airflow's own database and role, if needed."""
    _give_login(poste, ROLE_METADONNEES)
    _create_base(poste, METADONNEES, ROLE_METADONNEES)


def prepare_source(poste: Poste, parametres: Parametres) -> None:
    """Make the source and fill it; one filled with other parameters is made anew: it is synthetic."""
    _create_base(poste, SOURCE)
    try:
        fill_source(poste.grappe.dsn(SOURCE), parametres)
    except SourceDejaRemplieError:
        _run(poste, "postgres", lambda c: c.execute(f'DROP DATABASE "{SOURCE}" WITH (FORCE)'))
        _create_base(poste, SOURCE)
        fill_source(poste.grappe.dsn(SOURCE), parametres)
    _give_login(poste, ROLE_SOURCE)
    _run(poste, SOURCE, lambda c: let_read(c, ROLE_SOURCE))


def choose_parametres(dernier: Mois, aujourd_hui: date) -> Parametres:
    """Return the parameters of a source that holds every month from July 2024 to ``dernier``, at least 12.

    It knows nothing after the first of this month: what is followed until M+4 is not known yet of the last ones.
    Volumes are the generator's own unless ``AV_AJPA_PAR_MOIS`` or ``AV_AJPP_PAR_MOIS`` say otherwise.
    """
    nombre = (dernier.annee - PREMIER_MOIS.annee) * 12 + dernier.numero - PREMIER_MOIS.numero + 1
    volumes = {
        champ: int(os.environ[nom])
        for champ, nom in (
            ("demandes_ajpa_par_mois", "AV_AJPA_PAR_MOIS"),
            ("demandes_ajpp_par_mois", "AV_AJPP_PAR_MOIS"),
        )
        if os.environ.get(nom, "").isdecimal()
    }
    return Parametres(
        mois_debut=str(PREMIER_MOIS), nb_mois=max(12, nombre), jour=Mois.of(aujourd_hui).debut,
        **volumes,
    )  # fmt: skip


def _create_base(poste: Poste, base: str, proprietaire: str = ADMIN) -> None:
    def create(connexion: psycopg.Connection[tuple[object, ...]]) -> None:
        if connexion.execute("SELECT FROM pg_database WHERE datname = %s", (base,)).fetchone() is None:
            connexion.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(base), sql.Identifier(proprietaire)
                )
            )
        connexion.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM public").format(sql.Identifier(base)))
        close_bases(connexion)

    _run(poste, "postgres", create)


def _give_login(poste: Poste, role: str) -> None:
    def give(connexion: psycopg.Connection[tuple[object, ...]]) -> None:
        existe = connexion.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is not None
        ordre = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}" if existe else "CREATE ROLE {} LOGIN PASSWORD {}")
        connexion.execute(ordre.format(sql.Identifier(role), sql.Literal(poste.secrets[role])))
        limit_role(connexion, role)

    _run(poste, "postgres", give)


def _run(poste: Poste, base: str, action: Callable[[psycopg.Connection[tuple[object, ...]]], object]) -> None:
    with psycopg.connect(poste.grappe.dsn(base), autocommit=True) as connexion:
        action(connexion)
