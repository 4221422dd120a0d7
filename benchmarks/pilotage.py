"""The page's speed: 36 months, 101 Caf, every indicator of the dictionary; each screen asked 50 times.

Prints the processor time of a screen (its server and its databases: what the clock would say if the machine did
nothing else), the median of the clock, their ratio to a page without a figure asked for in between, and the weight of a
first visit; fails over 150 ms of processor or 300 KB.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
import psycopg

RACINE = Path(__file__).parents[1]
sys.path[:0] = [*(str(RACINE / "tests" / d) for d in ("pilotage", "exploitation")), str(RACINE / "plugins")]

from serveur_page import running_entrepot, running_page  # noqa: E402

from aller_vers.indicateurs import load_dictionnaire  # noqa: E402
from aller_vers.socle.mois import Mois  # noqa: E402

MOIS = 36
FOIS = int(os.environ.get("AV_FOIS", "50"))
LIMITE_MS, LIMITE_OCTETS = 150, 300_000
REFERENCE = "/pilotage/accessibilite"
DERNIER = Mois(2026, 9)
REMPLISSAGE = """
CREATE TEMP TABLE mois_essai AS SELECT to_char(m, 'YYYY-MM') AS mois FROM generate_series(
    %(debut)s::date, %(fin)s::date, interval '1 month') AS m;
INSERT INTO core.publication (mois, run_id, depot, demandeurs, transmissibles)
SELECT mois, 'run-' || mois, true, 1600, 1400 FROM mois_essai;
INSERT INTO dq.verdict (mois, gate, code_caf, regle, severite, verdict, nombre, run_id)
SELECT m.mois, g, c.code_caf, 'ensemble', 'critical', 'conforme', NULL, 'run-' || m.mois
FROM mois_essai AS m, unnest(ARRAY['requete', 'depots', 'retours', 'marts']) AS g,
    (SELECT code_caf FROM marts.caf UNION ALL SELECT NULL) AS c;
INSERT INTO dq.verdict (mois, gate, code_caf, regle, severite, verdict, nombre, run_id)
SELECT m.mois, 'requete', c.code_caf, 'sans_contact', 'warning', 'avertissement', 3, 'run-' || m.mois
FROM mois_essai AS m, (SELECT code_caf FROM marts.caf ORDER BY 1 LIMIT 15) AS c;
INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)
SELECT m.mois, c.code_caf, v.mesure, v.modalite, 15
FROM mois_essai AS m, marts.caf AS c, (VALUES ('demandeurs', 'tous'), ('demandeurs', 'ajpa'),
    ('contacts_utilisables', 'tous'), ('lots', 'deposes'), ('lots', 'attendus'), ('lots', 'retenus')
) AS v (mesure, modalite);
"""
INDICATEURS = """
INSERT INTO marts.indicateur (code, version, mois, niveau, territoire, numerateur, denominateur, valeur, cible, statut,
    definitif_le)
SELECT d.code, d.version, m.mois, t.niveau, t.territoire, 5, 12, random(), 0.5, 'definitif', DATE '2025-08-01'
FROM unnest(%(codes)s::text[], %(versions)s::int[]) AS d (code, version), mois_essai AS m, (
    SELECT 'national' AS niveau, 'FR' AS territoire UNION ALL SELECT 'region', code_region FROM marts.region
    UNION ALL SELECT 'caf', code_caf FROM marts.caf) AS t;
INSERT INTO marts.homogeneite (code, version, mois, valeur_nationale, mini, d1, mediane, d9, maxi, nb_attendues,
    nb_fournies)
SELECT code, version, mois, valeur, 0, .2, .5, .8, 1, 101, 101 FROM marts.indicateur WHERE niveau = 'national';
INSERT INTO marts.calcul (mois, calcule_le) SELECT mois, now() FROM mois_essai;
INSERT INTO marts.terme (mois, code, version, code_caf, numerateur, denominateur, definitif)
SELECT m.mois, d.code, d.version, c.code_caf, 4 + ascii(right(c.code_caf, 2)) %% 5, 12, true
FROM unnest(%(codes)s::text[], %(versions)s::int[]) AS d (code, version), marts.caf AS c,
    (SELECT mois FROM mois_essai ORDER BY mois DESC LIMIT 12) AS m;
INSERT INTO diffusion.indicateur (code, version, mois, periode, niveau, territoire, portee, numerateur, denominateur,
    valeur, cible, statut)
SELECT i.code, i.version, i.mois, 'mois', i.niveau, i.territoire, 'public', i.numerateur, i.denominateur, i.valeur,
    i.cible, 'publie'
FROM marts.indicateur AS i
WHERE i.niveau <> 'caf' AND i.mois >= to_char(%(fin)s::date - interval '2 months', 'YYYY-MM');
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="aller-vers-bench-") as dossier:
        Path(dossier).chmod(0o755)
        with (
            running_entrepot(Path(dossier), fill) as entrepot,
            running_page(entrepot.grappe, entrepot) as page,
        ):
            return measure(page)


def fill(dsn: str) -> None:
    """Fill the warehouse with three years."""
    dictionnaire = load_dictionnaire()
    valeurs = {
        "debut": DERNIER.shift(1 - MOIS).debut, "fin": DERNIER.debut,
        "codes": [i.code for i in dictionnaire], "versions": [i.version for i in dictionnaire],
    }  # fmt: skip
    with psycopg.connect(dsn, autocommit=True) as connexion:
        for ordre in (REMPLISSAGE + INDICATEURS).split(";\n"):
            if ordre.strip():
                connexion.execute(ordre.encode(), valeurs)
        connexion.execute(
            "SELECT suivi.inscrire(m.mois, c.code_caf, 1, 'depose', 'depots_caf', 'premier dépôt', "
            "jsonb_build_object('lignes', 12, 'identite', encode(sha256((c.code_caf || m.mois)::bytea), "
            "'hex'))) FROM mois_essai AS m, marts.caf AS c"
        )
        # What is awaited is the last month's; the others were sent.
        connexion.execute(
            "SELECT suivi.inscrire(m.mois, k.code_caf, 1, 'transmis', 'referent', NULL, jsonb_build_object("
            "'date_transmission', m.mois || '-28', 'portail', 'peps', 'lignes', 12), k.code_cpam) "
            "FROM mois_essai AS m, marts.convention AS k WHERE m.mois < %s",
            [str(DERNIER)],
        )
        # Before the last three months all was treated and destroyed, here and there.
        for etat, cle, code_cpam in (
            ("traite", "date_fin_traitement", "k.code_cpam"), ("detruit", "date_destruction", "k.code_cpam"),
            ("expire", "entreprise_le", "NULL"),
        ):  # fmt: skip
            connexion.execute(
                f"SELECT suivi.inscrire(m.mois, k.code_caf, 1, '{etat}', 'essai', NULL, jsonb_build_object('{cle}', "  # noqa: S608
                f"m.mois || '-28'), {code_cpam}) FROM mois_essai AS m, marts.convention AS k WHERE m.mois < %s",
                [str(DERNIER.shift(-3))],
            )
        connexion.execute(
            "INSERT INTO staging.retour (cle, forme, periode, mois, depot, code_caf, code_cpam, contenu, recu_le, "
            "verdict) SELECT m.mois || k.code_caf || k.code_cpam, 'mensuel', m.mois, m.mois, k.code_caf, k.code_caf, "
            "k.code_cpam, '{}', now(), 'conforme' FROM mois_essai AS m, marts.convention AS k WHERE m.mois < %s",
            [str(DERNIER.shift(-3))],
        )
        connexion.execute("VACUUM ANALYZE")  # as the server does by itself in three years


def measure(page: object) -> int:
    """Ask each screen; return 1 when one is too slow or too heavy."""
    code = load_dictionnaire()[0].code
    ecrans = (
        REFERENCE, "/pilotage/", "/pilotage/mois", "/pilotage/caf", "/pilotage/caf/831", "/pilotage/qualite",
        "/pilotage/indicateurs",
        f"/pilotage/indicateurs/{code}", "/pilotage/decisions", "/pilotage/transmissions", "/pilotage/trace",
        "/pilotage/sante", "/pilotage/registre",
    )  # fmt: skip
    fautes = 0
    with (
        page.open("lectrice") as client,  # type: ignore[attr-defined]
        psycopg.connect(page.dsn, autocommit=True) as base,  # type: ignore[attr-defined]
    ):
        statiques = sum(
            len(client.get(f"/pilotage/statique/{nom}").content)
            for nom in ("pilotage.css", "pilotage.js", "icone.svg")
        )
        for ecran in ecrans:
            horloge: dict[str, list[float]] = {REFERENCE: [], ecran: []}
            processeur = 0.0
            for _ in range(FOIS):
                for adresse in (REFERENCE, ecran):  # in turn: what else the machine does weighs on both
                    avant, debut = count_processeur(base), time.perf_counter()
                    reponse = client.get(adresse)
                    horloge[adresse].append((time.perf_counter() - debut) * 1000)
                    assert reponse.status_code == 200, (adresse, reponse.status_code)
                processeur += count_processeur(base) - avant
            travail, mediane = processeur * 1000 / FOIS, statistics.median(horloge[ecran])
            poids = reponse.num_bytes_downloaded + statiques
            trop = travail > LIMITE_MS or poids > LIMITE_OCTETS
            fautes += trop
            print(
                f"{ecran:45} processeur {travail:6.1f} ms  horloge, médiane {mediane:6.1f} ms  "
                f"{mediane / statistics.median(horloge[REFERENCE]):4.1f} fois la référence  "
                f"{poids / 1000:6.1f} Ko{'  TROP' if trop else ''}"
            )
    return 1 if fautes else 0


def count_processeur(base: psycopg.Connection) -> float:
    """Return the seconds of processor spent so far by the server, which we started, and by its databases."""
    ici = psutil.Process()
    processus = {p.pid: p for p in ici.children(recursive=True)}
    for (pid,) in base.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"):
        processus.setdefault(pid, psutil.Process(pid))
    return sum(t.user + t.system for t in (p.cpu_times() for p in processus.values()))


if __name__ == "__main__":
    sys.exit(main())
