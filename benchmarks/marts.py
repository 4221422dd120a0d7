"""A month's marts (measures at the source, indicators, running sums, homogeneity) against hand-written SQL.

Usage: ``python benchmarks/marts.py [--contacts 5000000] [--fois 5]``. Two histories, of 60 months and of 6, each with
its source and its marts, in one run: a month's cost is at most 1.5 times that of ``marts_a_la_main.sql`` on the same
database, whose every value is compared, and at 60 months at most 1.2 times its cost at 6, with the gate as without. The
gate, which the statement by hand has not, is told apart. Seconds of processor, of this process and of PostgreSQL's:
what else the machine does changes little of them. Medians, runs interleaved.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grappe_jetable import count_processeur, find_maitre, running_jetable
from rich.console import Console
from sqlalchemy import Connection, TextClause, bindparam, text

from aller_vers.indicateurs import Indicateur, load_dictionnaire
from aller_vers.indicateurs.dictionnaire import TOUTES
from aller_vers.indicateurs.marts import compute_indicateurs
from aller_vers.indicateurs.porte import judge_marts
from aller_vers.mesures.a_la_source import build_parametres, copy_mesures, load_mesures
from aller_vers.mesures.echeances import Echeances, load_fiches
from aller_vers.mesures.stockage import store_mesures
from aller_vers.poste.postgres import Grappe
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.migrations import migrate
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.referentiel_entrepot import load_reference
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import load_sql
from mesures_services import fill

# December closes the month, the quarter, the half-year and the year: every definition has a value.
MOIS = Mois(2025, 12)
HISTOIRES = (60, 6)
SEUIL = 5
DOSSIER = Path(__file__).parent
SUITE = Reglages().mois_suivi


def rank_mesures(dictionnaire: Sequence[Indicateur]) -> dict[tuple[str, str | None], int]:
    """Return how deep each count is among the parts of another: a part is drawn less than its whole."""
    parts = {
        ((n.mesure, n.modalite), (d.mesure, d.modalite))
        for i in dictionnaire if i.type == "ratio"
        for n in i.numerateur for d in i.denominateur or ()
        if (n.mesure, n.modalite) != (d.mesure, d.modalite)
    }  # fmt: skip
    rangs = {
        (c.mesure, c.modalite): 0 for i in dictionnaire for c in (*i.numerateur, *(i.denominateur or ()))
    }
    for _ in rangs:
        for partie, tout in parts:
            rangs[partie] = max(rangs[partie], min(rangs[tout] + 1, 9))
    return rangs


def fill_marts(entrepot: Connection, dictionnaire: Sequence[Indicateur], histoire: int) -> None:
    """Fill the measures of every month of the history and publish them, the last month apart."""
    rangs = rank_mesures(dictionnaire)
    mailles: dict[tuple[str, str | None], set[str]] = {}
    histogrammes, lectures = set(), set()
    for i in dictionnaire:
        for c in (*i.numerateur, *(i.denominateur or ())):
            if i.is_histogramme or c.classe_min is not None or c.classe_max is not None:
                histogrammes.add(c.mesure)
            connues = {m for mesure, m in rangs if mesure == c.mesure} - {TOUTES} or set("abc")
            for modalite in connues if c.modalite == TOUTES else {c.modalite}:
                mailles.setdefault((c.mesure, modalite), set()).add(i.maille)
        for mois in (MOIS.shift(-n) for n in range(histoire)):
            if i.is_valable(mois):
                lectures |= {(c.mesure, str(lu)) for _, c, lu in i.list_lectures(mois)}
    mesures = [
        {"mesure": mesure, "modalite": modalite, "rang": rangs.get((mesure, modalite), 0),
         "maille": "couple" if "couple" in lues else min(lues), "classes": 10 * (mesure in histogrammes)}
        for (mesure, modalite), lues in mailles.items()
    ]  # fmt: skip
    debut = str(MOIS.shift(1 - histoire))
    entrepot.execute(
        text(_read("marts_remplissage")),
        {
            "mesures": json.dumps(mesures),
            "lectures": json.dumps([{"mesure": m, "mois": lu} for m, lu in lectures if lu >= debut]),
        },
    )


def repeat_month(entrepot: Connection, histoire: int) -> None:
    """Give the earlier months the marts of the last one, whose measures are theirs too."""
    avant = str(MOIS.shift(-1))
    autres = [str(MOIS.shift(-n)) for n in range(2, histoire)]
    for table in ("terme", "indicateur", "indicateur_cumule", "homogeneite", "score", "calcul"):
        _repeat(entrepot, table, avant, autres)


def _repeat(entrepot: Connection, table: str, avant: str, autres: list[str]) -> None:
    noms = entrepot.scalars(
        text(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'marts'"
            " AND table_name = :table AND column_name <> 'mois'"
        ),
        {"table": table},
    )
    colonnes = ", ".join(noms)
    entrepot.execute(
        text(
            f"INSERT INTO marts.{table} (mois, {colonnes})"  # noqa: S608 - names of the schema
            f" SELECT h.autre, {colonnes} FROM marts.{table} CROSS JOIN unnest(CAST(:autres AS text[])) AS h (autre)"
            " WHERE mois = :avant"
        ),
        {"avant": avant, "autres": autres},
    )


def _read(nom: str) -> str:
    lignes = (DOSSIER / f"{nom}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(ligne for ligne in lignes if not ligne.startswith("--"))


def load_seuil(indicateur: Indicateur) -> int:
    """Return the threshold of an indicator: that of people, none for what counts something else."""
    return Echeances(MOIS.fin, load_fiches()).find_seuil(SEUIL, indicateur.mesures_comptees)


def list_termes(dictionnaire: Sequence[Indicateur], histoire: int) -> list[dict[str, Any]]:
    """Return what each figure adds up, month by month: the list that somebody would write above the statement."""
    durees = {"mois": 1, "annee": MOIS.numero, "douze_mois": 12, "origine": histoire}
    return [
        {"code": i.code, "version": i.version, "periode": periode, "type": i.type, "quantile": i.quantile,
         "histogramme": i.is_histogramme, "par_caf": i.maille in ("caf", "couple"),
         "par_cpam": i.maille in ("cpam", "couple"), "terme": terme,
         "seuil": load_seuil(i), **c.model_dump(), "mois": str(lu.shift(-n))}
        for i in dictionnaire if i.is_valable(MOIS)
        for periode in ("mois", *i.periodes)
        for terme, c, lu in i.list_lectures(MOIS)
        for n in range(durees[periode])
    ]  # fmt: skip


class Banc:
    """A base that holds a source and marts of the same history."""

    def __init__(
        self, grappe: Grappe, base: str, histoire: int, contacts: int, dictionnaire: Sequence[Indicateur]
    ) -> None:
        self.moteur, self.maitre = create_moteur(grappe.dsn(base)), find_maitre(grappe)
        self.dictionnaire, self.histoire = dictionnaire, histoire
        with self.moteur.begin() as connexion:
            fill(
                connexion,
                histoire + SUITE,
                contacts * (histoire + SUITE) // max(HISTOIRES),
                MOIS.shift(SUITE),
            )
            migrate(connexion)
            load_reference(connexion, exemples=True)
            fill_marts(connexion, dictionnaire, histoire)
        self._vacuum()
        with self.moteur.begin() as connexion:
            compute_indicateurs(connexion, [MOIS.shift(-1)], dictionnaire, SEUIL)
            repeat_month(connexion, histoire)
        self._vacuum()

    def run(self, *faits: Callable[[Connection], object]) -> list[float]:
        """Return the seconds of processor of each piece of some work, then undone."""
        durees = []
        with self.moteur.connect() as connexion:
            for fait in faits:
                debut = count_processeur(self.maitre)
                fait(connexion)
                durees.append(count_processeur(self.maitre) - debut)
            connexion.rollback()
        self._vacuum()
        return durees

    def _vacuum(self) -> None:
        with self.moteur.connect().execution_options(isolation_level="AUTOCOMMIT") as connexion:
            connexion.execute(
                text(
                    "VACUUM ANALYZE marts.mesure, marts.terme, marts.indicateur,"
                    " marts.indicateur_cumule, marts.homogeneite, marts.score, dq.verdict, dq.profil_marts"
                )
            )

    def compute(self, entrepot: Connection) -> None:
        """Do the month as the DAGs do: measures of the source, those of the warehouse, indicators."""
        with self.moteur.connect() as source:
            copy_mesures(source, entrepot, MOIS, Reglages(), tuple(load_caf()), suivi=False)
        store_mesures(entrepot, "indicateurs", MOIS)
        compute_indicateurs(entrepot, [MOIS], self.dictionnaire, SEUIL)

    def judge(self, entrepot: Connection) -> None:
        """Check the month just computed as the gate does."""
        _, jugement = judge_marts(entrepot, MOIS, self.dictionnaire, SEUIL)
        assert jugement.nation != "retenu", jugement

    def write_by_hand(self, entrepot: Connection) -> None:
        """Do the same by hand, in the base of the source itself: no check, no history of what was published."""
        entrepot.execute(text("SET LOCAL work_mem TO '64MB'"))
        entrepot.execute(text("SET LOCAL random_page_cost TO 1.1"))
        parametres = build_parametres(MOIS, Reglages())
        zeros = text(_read("marts_a_la_main_zeros"))
        for mesure in load_mesures():
            cle: dict[str, Any] = {"mois": str(MOIS), "mesure": mesure.code}
            entrepot.execute(text("DELETE FROM marts.mesure WHERE mois = :mois AND mesure = :mesure"), cle)
            entrepot.execute(_load_mesure(mesure.code), parametres | cle)
            if not mesure.zeros:
                continue
            entrepot.execute(
                zeros,
                cle | {"modalites": list(mesure.modalites), "classe": 0 if mesure.histogramme else None},
            )
        store_mesures(entrepot, "indicateurs", MOIS)
        termes = json.dumps(list_termes(self.dictionnaire, self.histoire), default=str)
        entrepot.execute(text(_read("marts_a_la_main_liste")), {"termes": termes})
        entrepot.execute(text("ANALYZE liste_a_la_main"))
        entrepot.execute(text(_read("marts_a_la_main")))
        entrepot.execute(text(_read("marts_a_la_main_homogeneite")))


def _load_mesure(code: str) -> TextClause:
    """Return a measure's own statement, its rows stored where they are computed."""
    corps = load_sql(f"mesures/a_la_source/{code}.sql").text
    insertion = "INSERT INTO marts.mesure (mois, mesure, code_caf, modalite, classe, valeur)"
    requete = text(f"{insertion} SELECT :mois, :mesure, m.* FROM ({corps}) AS m")  # noqa: S608 - our own files
    return requete.bindparams(bindparam("natures", expanding=True)) if ":natures" in corps else requete


def compare(banc: Banc) -> int:
    """Return how many values and spreads of the engine are those written by hand.

    Raises:
        SystemExit: one differs, or is on one side only.
    """
    with banc.moteur.connect() as connexion:
        banc.compute(connexion)
        valeurs, dispersions = _fetch(connexion, VALEURS, 5), _fetch(connexion, DISPERSIONS, 2)
        connexion.rollback()
        banc.write_by_hand(connexion)
        a_la_main = _fetch(connexion, VALEURS_A_LA_MAIN, 5)
        dispersions_a_la_main = _fetch(connexion, DISPERSIONS_A_LA_MAIN, 2)
        connexion.rollback()
    fautes = {
        c
        for ici, la in ((valeurs, a_la_main), (dispersions, dispersions_a_la_main))
        for c in ici.keys() | la.keys()
        if ici.get(c) != la.get(c)
    }
    if fautes:
        raise SystemExit(f"{len(fautes)} valeurs diffèrent : {sorted(fautes)[:5]}")
    return len(valeurs) + len(dispersions)


def _fetch(connexion: Connection, requete: str, cle: int) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    lignes = connexion.execute(text(requete), {"mois": str(MOIS)} if ":mois" in requete else {})
    return {tuple(ligne[:cle]): tuple(ligne[cle:]) for ligne in lignes}


# The statement by hand has no groups of caisses: the gate and the tests hold those.
VALEURS = """
SELECT code, version, 'mois', niveau, territoire, valeur FROM marts.indicateur
WHERE mois = :mois AND valeur IS NOT NULL AND niveau <> 'groupe'
UNION ALL
SELECT code, version, periode, niveau, territoire, valeur FROM marts.indicateur_cumule
WHERE mois = :mois AND valeur IS NOT NULL AND niveau <> 'groupe'
"""
DISPERSIONS = """
SELECT code, version, mini, d1, mediane, d9, maxi, nb_fournies FROM marts.homogeneite
WHERE mois = :mois AND nb_fournies > 0
"""
VALEURS_A_LA_MAIN = "SELECT code, version, periode, niveau, territoire, valeur FROM valeur_a_la_main"
DISPERSIONS_A_LA_MAIN = (
    "SELECT code, version, mini, d1, mediane, d9, maxi, nb_fournies FROM homogeneite_a_la_main"
)


@contextmanager
def create_bancs(contacts: int) -> Iterator[dict[int, Banc]]:
    """Give the bases, filled, on a cluster of their own."""
    with running_jetable() as grappe:
        bancs = {}
        for histoire in HISTOIRES:
            with create_moteur(grappe.dsn()).connect() as serveur:
                serveur.execution_options(isolation_level="AUTOCOMMIT").execute(
                    text(f"CREATE DATABASE mois_{histoire}")
                )
            bancs[histoire] = Banc(grappe, f"mois_{histoire}", histoire, contacts, load_dictionnaire())
        yield bancs
        for banc in bancs.values():
            banc.moteur.dispose()


def main() -> None:
    """Compare, measure and print."""
    analyseur = argparse.ArgumentParser(description=__doc__)
    analyseur.add_argument("--contacts", type=int, default=5_000_000, help="contact events in 60 months")
    analyseur.add_argument("--fois", type=int, default=5)
    choix = analyseur.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    longue, courte = HISTOIRES
    with create_bancs(choix.contacts) as bancs:
        console.print(f"{compare(bancs[longue])} valeurs égales à celles du SQL écrit à la main")
        for banc in bancs.values():
            banc.run(banc.compute, banc.judge)  # once out of measure: what it imports is not the month's cost
        durees: dict[str, list[float]] = defaultdict(list)
        for _ in range(choix.fois):
            for nom, histoire in (("longue", longue), ("courte", courte)):
                marts, porte = bancs[histoire].run(bancs[histoire].compute, bancs[histoire].judge)
                durees[nom].append(marts)
                durees[f"porte {nom}"].append(porte)
                durees[f"entier {nom}"].append(marts + porte)
            durees["main"] += bancs[longue].run(bancs[longue].write_by_hand)
    mediane = {nom: statistics.median(serie) for nom, serie in durees.items()}
    console.print(
        f"{choix.contacts} contacts, {longue} mois : marts {mediane['longue']:.2f} s, "
        f"à la main {mediane['main']:.2f} s, "
        f"rapport {mediane['longue'] / mediane['main']:.2f} (au plus 1,5)"
    )
    console.print(
        f"{courte} mois : marts {mediane['courte']:.2f} s, "
        f"rapport {mediane['longue'] / mediane['courte']:.2f} (au plus 1,20)"
    )
    entiers = mediane["entier longue"] / mediane["entier courte"]
    console.print(
        f"porte, en plus : {mediane['porte longue']:.2f} s à {longue} mois, "
        f"{mediane['porte courte']:.2f} s à {courte} ; avec elle, rapport {entiers:.2f} (au plus 1,20)"
    )


if __name__ == "__main__":
    main()
