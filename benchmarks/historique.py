"""Years of a network in a warehouse, for the benchmarks that ask what a long past costs."""

from __future__ import annotations

import psycopg

from aller_vers.indicateurs import load_dictionnaire
from aller_vers.socle.mois import Mois

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


def fill(dsn: str, nb_mois: int = 36) -> None:
    """Fill the warehouse with so many months, the last three of which are still open."""
    dictionnaire = load_dictionnaire()
    valeurs = {
        "debut": DERNIER.shift(1 - nb_mois).debut, "fin": DERNIER.debut,
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
            "SELECT suivi.inscrire(m.mois, 'FR', 1, 'expire', 'essai', NULL, '{}') FROM mois_essai AS m "
            "WHERE m.mois < %s",
            [str(DERNIER.shift(-3))],
        )
        connexion.execute(
            "INSERT INTO staging.retour (cle, forme, periode, mois, depot, code_caf, code_cpam, contenu, recu_le, "
            "verdict) SELECT m.mois || k.code_caf || k.code_cpam, 'mensuel', m.mois, m.mois, k.code_caf, k.code_caf, "
            "k.code_cpam, '{}', now(), 'conforme' FROM mois_essai AS m, marts.convention AS k WHERE m.mois < %s",
            [str(DERNIER.shift(-3))],
        )
        connexion.execute("VACUUM ANALYZE")  # as the server does by itself in three years
