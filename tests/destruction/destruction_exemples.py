"""A month as it lives: persons in the three tables and on the share, a ledger, and a search for them everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from lots_exemples import Depot, make_reglages
from psycopg import sql
from serveurs import IDENTITE
from sqlalchemy import Connection, text

from aller_vers.destruction.lieux import TABLES
from aller_vers.destruction.oppositions import BilanOppositions, apply_oppositions
from aller_vers.destruction.purge import BilanPurge, purge_personnes
from aller_vers.lots.depot import LotDepose, write_lot
from aller_vers.partage.partage import Partage
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import replace_partition
from aller_vers.socle.reglages import Reglages
from aller_vers.suivi.evenements import record_evenement

JUIN, JUILLET = Mois(2025, 6), Mois(2025, 7)
Personne = tuple[str, str, str, str]  # identifier, e-mail, telephone, postcode
ZIBELINE: Personne = ("7100001", "canari.zibeline@example.org", "01 99 00 71 23", "83000")
LOUTRE: Personne = ("7100002", "canari.loutre@example.net", "01 99 00 71 24", "83100")
PUTOIS: Personne = ("7100003", "canari.putois@example.com", "01 99 00 71 25", "59000")
TRACES = ("canari.", "99 00 71 2", "9900712", "710000")
MAINTENANT = datetime.now(UTC)
DANS_UN_JOUR = MAINTENANT + timedelta(days=1)
DANS_TROIS_MOIS = MAINTENANT + timedelta(days=95)


# Makes the whole ledger older, each chain made again: what only the owner of the warehouse can do.
VIEILLIR = """
DO $$
DECLARE
    e suivi.evenement;
BEGIN
    FOR e IN SELECT * FROM suivi.evenement ORDER BY id LOOP
        e.cree_le := e.cree_le - interval '{age}';
        e.hash_precedent := (
            SELECT p.hash FROM suivi.evenement AS p
            WHERE p.mois = e.mois AND p.code_caf = e.code_caf AND p.id < e.id ORDER BY p.id DESC LIMIT 1
        );
        e.hash := suivi.sceller(e);
        UPDATE suivi.evenement AS u SET cree_le = e.cree_le, hash_precedent = e.hash_precedent, hash = e.hash
        WHERE u.id = e.id;
        UPDATE suivi.chaine AS c SET hash = e.hash WHERE c.mois = e.mois AND c.code_caf = e.code_caf;
    END LOOP;
    UPDATE suivi.sceau AS s SET scelle_le = scelle_le - interval '{age}', hash = (
        SELECT v.hash FROM suivi.evenement AS v WHERE v.id = s.dernier_id
    );
END $$
"""


@dataclass
class Maison(Depot):
    """A warehouse as ``av_etl``, its owner's address, and a share."""

    dsn_proprietaire: str = ""

    @property
    def share(self) -> Partage:
        return Partage(str(self.racine), identite=IDENTITE)

    @contextmanager
    def open(self) -> Iterator[Connection]:
        with open_transaction(self.dsn, "av_entrepot") as connexion:
            yield connexion

    def fill(self, mois: Mois, lots: dict[str, Sequence[Personne]], *, publie: bool = True) -> None:
        """Fill the three tables with these people by Caf; publish the month, every named Caf « conforme »."""
        cle = str(mois)
        with self.open() as entrepot:
            for table in TABLES:
                replace_partition(entrepot, table, cle)
            rangees = [(caf, *p) for caf, personnes in lots.items() for p in personnes]
            for ligne, (caf, numero, courriel, telephone, code_postal) in enumerate(rangees, start=1):
                valeurs = {
                    "mois": cle, "ligne": ligne, "id": numero, "caf": caf, "c": courriel, "t": telephone,
                    "p": code_postal,
                }  # fmt: skip
                for ordre in (
                    "INSERT INTO staging.demandeur_brut (mois, ligne, id_personne, code_caf, courriel, telephone,"
                    " code_postal, opposition_contact, affiliation_terminee, demandes_ajpa, demandes_ajpp,"
                    " demandes_autres, date_premier_depot, date_dernier_depot)"
                    " VALUES (:mois, :ligne, :id, :caf, :c, :t, :p, '0', '0', '1', '0', '0', :mois || '-10',"
                    " :mois || '-10')",
                    "INSERT INTO staging.demandeur (mois, ligne, id_personne, code_caf, courriel, telephone,"
                    " code_postal, courriel_net, telephone_net, code_postal_net, motifs)"
                    " VALUES (:mois, :ligne, :id, :caf, :c, :t, :p, :c, :t, :p, '{}')",
                ):
                    entrepot.execute(text(ordre), valeurs)
                if publie:
                    ordre = "INSERT INTO core.demandeur VALUES (:mois, :id, :caf, :c, :t, :p)"
                    entrepot.execute(text(ordre), valeurs)
            if not publie:
                return
            entrepot.execute(
                text(
                    "INSERT INTO core.publication VALUES (:m, 'r1', true, :n, :n) ON CONFLICT (mois) DO NOTHING"
                ),
                {"m": cle, "n": len(rangees)},
            )
        for caf in lots:
            self.judge(caf, "conforme", mois=mois)

    def drop(self, mois: Mois, *codes: str) -> list[LotDepose]:
        lots = []
        for code in codes:
            with self.open() as entrepot:
                lots.append(write_lot(entrepot, self.share, make_reglages(), mois, code, datetime.now(UTC)))
        return lots

    def drop_juin(self) -> None:
        """June: two people in the Var, one in the Nord, nobody in the Loire."""
        self.fill(JUIN, {"831": [ZIBELINE, LOUTRE], "591": [PUTOIS], "421": []})
        self.drop(JUIN, "831", "591", "421")

    def treat(self, code_caf: str, jour: str, *codes_cpam: str, mois: Mois = JUIN) -> None:
        for code_cpam in codes_cpam:
            with self.open() as entrepot:
                record_evenement(
                    entrepot, mois=str(mois), code_caf=code_caf, version=1, etat="traite", acteur="essai",
                    code_cpam=code_cpam, preuve={"date_fin_traitement": jour},
                )  # fmt: skip

    def list_cpam(self, code_caf: str) -> list[str]:
        lignes = self.run("SELECT code_cpam FROM marts.convention WHERE code_caf = :c ORDER BY 1", c=code_caf)
        return [ligne[0] for ligne in lignes]

    def purge(
        self,
        maintenant: datetime = DANS_TROIS_MOIS,
        reglages: Reglages | None = None,
        run_id: str = "purge-1",
    ) -> BilanPurge:
        return purge_personnes(self.open, self.share, reglages or make_reglages(), maintenant, run_id)

    def treat_oppositions(self) -> BilanOppositions:
        return apply_oppositions(self.open, self.share, make_reglages(), datetime.now(UTC))

    def find_expires(self) -> list[tuple[str, str]]:
        lignes = self.run("SELECT mois, code_caf FROM suivi.evenement WHERE etat = 'expire' ORDER BY 1, 2")
        return [tuple(ligne) for ligne in lignes]

    def list_tables(self, mois: Mois = JUIN) -> list[str]:
        """Return the partitions of the month that exist."""
        suffixe = f"%_{str(mois).replace('-', '_')}"
        lignes = self.run(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE tablename LIKE :s ORDER BY 1",
            s=suffixe,
        )
        return [ligne[0] for ligne in lignes]

    def search(self, *traces: str) -> list[str]:
        """Return every place of the warehouse and the share that holds one of these texts."""
        with psycopg.connect(self.dsn_proprietaire) as connexion:
            trouves = list(search_base(connexion, traces))
        for fichier in sorted(self.racine.rglob("*")):
            lu = str(fichier.relative_to(self.racine))
            contenu = read_everything(fichier) if fichier.is_file() else ""
            if any(trace in f"{lu}\n{contenu}".lower() for trace in traces):
                trouves.append(lu)
        return trouves


def search_files(dsn: str, *traces: str) -> list[str]:
    """Return the files of the database's own tables, indexes included, whose bytes hold one of these texts."""
    with psycopg.connect(dsn, autocommit=True) as connexion:
        connexion.execute("CHECKPOINT")
        lignes = connexion.execute(
            "SELECT c.oid::regclass::text, pg_read_binary_file(pg_relation_filepath(c.oid)) FROM pg_class AS c"
            " INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid"
            " WHERE c.relkind IN ('r', 'i', 't') AND n.nspname IN ('staging', 'core', 'suivi', 'marts', 'pg_toast')"
        ).fetchall()
    assert len(lignes) > 30
    return sorted(nom for nom, octets in lignes if any(trace.encode() in octets for trace in traces))


def search_base(connexion: psycopg.Connection[Any], traces: Sequence[str]) -> Iterator[str]:
    """Yield every column of every table of every schema, system ones apart, that holds one of these texts.

    Every column is read as text, whatever its type: json, arrays and bytes too.
    """
    colonnes = connexion.execute(
        "SELECT c.table_schema, c.table_name, c.column_name FROM information_schema.columns AS c"
        " INNER JOIN pg_class AS k ON k.oid = format('%I.%I', c.table_schema, c.table_name)::regclass"
        " WHERE c.table_schema NOT IN ('pg_catalog', 'information_schema') AND k.relkind IN ('r', 'm')"
        " ORDER BY 1, 2, 3"
    ).fetchall()
    assert len(colonnes) > 100
    for schema, table, colonne in colonnes:
        requete = sql.SQL(
            "SELECT EXISTS(SELECT FROM {} AS t WHERE lower(t.{}::text) LIKE ANY(%s)"
            " OR lower(convert_from(decode(replace(t.{}::text, '\\', ''), 'escape'), 'LATIN1')) LIKE ANY(%s))"
        ).format(sql.Identifier(schema, table), sql.Identifier(colonne), sql.Identifier(colonne))
        motifs = [f"%{trace}%" for trace in traces]
        trouve = connexion.execute(requete, (motifs, motifs)).fetchone()
        if trouve and trouve[0]:
            yield f"{schema}.{table}.{colonne}"


def read_everything(fichier: Path) -> str:
    """Return a file's bytes as text, those of an archive's members included: a workbook is one."""
    from zipfile import ZipFile, is_zipfile

    texte = fichier.read_bytes().decode("latin-1")
    if is_zipfile(fichier):
        with ZipFile(fichier) as archive:
            texte += "".join(archive.read(nom).decode("latin-1") for nom in archive.namelist())
    return texte
