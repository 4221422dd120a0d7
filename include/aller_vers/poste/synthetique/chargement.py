"""Fills an empty PostgreSQL database with the synthetic source, by COPY and in one transaction."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from aller_vers.poste.synthetique.composition import count_blocs
from aller_vers.poste.synthetique.demandes import build_demandes
from aller_vers.poste.synthetique.moyens import build_agents
from aller_vers.poste.synthetique.parametres import Parametres
from aller_vers.poste.synthetique.parcours import build_parcours
from aller_vers.poste.synthetique.territoire import Territoire, load_territoire
from aller_vers.poste.synthetique.tirages import Bloc
from aller_vers.socle.contrat_source import CONTRAT
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import read_sql

VERSION = 3
"""To raise whenever the same parameters give other rows."""

_LIGNES_PAR_ENVOI = 5000
_VERROU = 2_025_098


class SourceDejaRemplieError(ErreurAllerVers):
    """The database holds something else than what was asked for."""


@dataclass(frozen=True)
class ComptesSource:
    """Rows of each table of the source."""

    dossier: int = 0
    personne: int = 0
    demande: int = 0
    droit: int = 0
    recalcul: int = 0
    separation: int = 0
    contact: int = 0
    rendez_vous: int = 0
    accompagnement: int = 0
    agent: int = 0
    support_communication: int = 0

    @property
    def total(self) -> int:
        """Rows in all."""
        return sum(asdict(self).values())

    def add(self, bloc: Bloc) -> "ComptesSource":
        """Return the counts with these rows."""
        return replace(self, **{bloc.table: getattr(self, bloc.table) + bloc.nb_lignes})


def fill_source(dsn: str, parametres: Parametres) -> ComptesSource:
    """Create the tables of the contract in an empty database and fill them; do nothing if already done.

    Their future is in them: readers are given the schema ``du_jour``, which holds what a day knows (``let_read``).

    One transaction: an interruption leaves the database as it was. Memory is bounded by `taille_bloc`.

    Raises:
        SourceDejaRemplieError: the database holds other parameters, another version, or tables of its own.
        ErreurAllerVers: a reference file is missing, or a Caf asked for is unknown.
    """
    territoire = load_territoire(parametres)
    description = _describe(parametres, territoire)
    with psycopg.connect(dsn) as connexion, connexion.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(%s)", (_VERROU,))
        deja = _read_comptes(curseur, description)
        if deja is not None:
            return deja
        tables, index = _split_contrat()
        curseur.execute(tables)
        comptes = _copy_all(curseur, parametres, territoire)
        if parametres.jour is not None:
            comptes = _forget_futur(curseur, parametres.jour, comptes)
        curseur.execute(index)
        curseur.execute(read_sql("poste/source_du_jour.sql"))
        curseur.execute(read_sql("poste/synthetique_empreinte.sql"))
        curseur.execute(
            "INSERT INTO public.synthetique_empreinte (empreinte, parametres, comptes) VALUES (%s, %s, %s)",
            (_hash(description), Jsonb(description), Jsonb(asdict(comptes))),
        )
        curseur.execute("ANALYZE")
    return comptes


def let_read(connexion: psycopg.Connection[Any], role: str) -> None:
    """Let a role read the filled source as its day knows it, and nothing else."""
    for ordre in (
        "GRANT CONNECT ON DATABASE {base} TO {role}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA du_jour TO {role}",
        "ALTER ROLE {role} SET default_transaction_read_only = on",
        "ALTER ROLE {role} IN DATABASE {base} SET search_path = du_jour",
    ):
        noms = {"role": sql.Identifier(role), "base": sql.Identifier(connexion.info.dbname)}
        connexion.execute(sql.SQL(ordre).format(**noms))


def generate(parametres: Parametres, territoire: Territoire) -> Iterator[tuple[Mois, Bloc]]:
    """Yield every row of the source by month and chunk, without a database."""
    if parametres.avec_parcours and parametres.agents_par_caf:
        yield parametres.mois_debut, build_agents(parametres, territoire)
    for mois in parametres.list_mois():
        for bloc in range(count_blocs(parametres, mois)):
            for lignes in build_demandes(parametres, territoire, mois, bloc):
                yield mois, lignes
        if parametres.avec_parcours:
            for lignes in build_parcours(parametres, territoire, mois):
                yield mois, lignes


def write_copy(bloc: Bloc) -> Iterator[str]:
    """Yield the rows in COPY text format, some thousands at a time."""
    for debut in range(0, bloc.nb_lignes, _LIGNES_PAR_ENVOI):
        tranche = [colonne[debut : debut + _LIGNES_PAR_ENVOI] for colonne in bloc.colonnes]
        yield "\n".join(map("\t".join, zip(*tranche, strict=True))) + "\n"


def _copy_all(curseur: psycopg.Cursor[Any], parametres: Parametres, territoire: Territoire) -> ComptesSource:
    comptes = ComptesSource()
    for _, bloc in generate(parametres, territoire):
        ordre = sql.SQL("COPY public.{} ({}) FROM STDIN WITH (FREEZE)").format(
            sql.Identifier(bloc.table), sql.SQL(", ").join(map(sql.Identifier, CONTRAT[bloc.table]))
        )
        with curseur.copy(ordre) as copie:
            for texte in write_copy(bloc):
                copie.write(texte)
        comptes = comptes.add(bloc)
    return comptes


def _forget_futur(curseur: psycopg.Cursor[Any], jour: date, comptes: ComptesSource) -> ComptesSource:
    """Take away what is dated after the day of the source; return what is left of each table."""
    texte = read_sql("poste/forget_futur.sql").replace(":jour", "%(jour)s")
    ligne = curseur.execute(texte, {"jour": jour}).fetchone()
    assert ligne is not None
    assert curseur.description is not None
    oubliees = dict(zip((c.name for c in curseur.description), ligne, strict=True))
    return replace(comptes, **{table: getattr(comptes, table) - n for table, n in oubliees.items()})


def _split_contrat() -> tuple[str, str]:
    """Return the tables and the indexes: built after the rows, these cost much less."""
    tables, marque, index = read_sql("socle/source/contrat.sql").partition("\nCREATE INDEX")
    return tables, marque + index


def _describe(parametres: Parametres, territoire: Territoire) -> dict[str, Any]:
    description: dict[str, Any] = parametres.model_dump(mode="json")
    return description | {"version_generateur": VERSION, "referentiel": territoire.empreinte}


def _hash(description: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()


def _read_comptes(curseur: psycopg.Cursor[Any], description: dict[str, Any]) -> ComptesSource | None:
    presentes = _list_tables(curseur)
    if "synthetique_empreinte" not in presentes:
        if presentes:
            raise SourceDejaRemplieError(
                f"La base contient déjà {', '.join(sorted(presentes))}, que le générateur n'a pas remplies.",
                "donner une base vide, créée pour la source synthétique.",
            )
        return None
    curseur.execute("SELECT empreinte, parametres, comptes FROM public.synthetique_empreinte")
    lignes = curseur.fetchall()
    if len(lignes) != 1:
        raise SourceDejaRemplieError(
            "La table synthetique_empreinte ne tient pas une seule ligne.",
            "supprimer la base, la recréer vide et la remplir de nouveau.",
        )
    empreinte, anciens, comptes = lignes[0]
    if empreinte == _hash(description):
        return ComptesSource(**comptes)
    ecarts = [
        f"{nom} : {anciens.get(nom)} en base, {description.get(nom)} demandé"
        for nom in sorted(anciens.keys() | description.keys())
        if anciens.get(nom) != description.get(nom)
    ]
    raise SourceDejaRemplieError(
        f"La source est déjà remplie avec d'autres paramètres ({' ; '.join(ecarts)}).",
        "reprendre les paramètres de la base, ou la supprimer et la recréer vide pour la remplir de nouveau.",
    )


def _list_tables(curseur: psycopg.Cursor[Any]) -> set[str]:
    curseur.execute(
        "SELECT relname FROM pg_catalog.pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
    )
    attendues = {*CONTRAT, "synthetique_empreinte"}
    return {nom for (nom,) in curseur if nom in attendues}
