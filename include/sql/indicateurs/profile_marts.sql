-- purpose: what is wrong with the month's marts, counted by rule, before they are published
-- grain: one row a rule, zeros included: those of the nation (code_caf empty), those of each Caf of the month
-- inputs: marts.mesure, marts.indicateur, marts.caf, marts.caf_du, marts.cpam, marts.groupe,
--         pg_temp.definition, pg_temp.lecture
-- parameters: :mois, :precedent (the computed month before; null: none)
-- source: IGAS 2013-164R note 4; 2017-008R §17 (nothing is dropped in silence)

WITH inconnues AS (
    SELECT count(*) AS nombre
    FROM marts.mesure AS m
    WHERE
        m.mois = :mois
        AND (
            m.code_caf IS NOT NULL AND m.code_caf NOT IN (SELECT c.code_caf FROM marts.caf AS c)
            OR m.code_cpam IS NOT NULL AND m.code_cpam NOT IN (SELECT p.code_cpam FROM marts.cpam AS p)
        )
),

-- what adds up says the same at every level, and of each group with the rest; a quantile and a spread do
-- not add up
niveaux AS (
    SELECT
        i.code,
        i.version,
        CASE WHEN i.niveau = 'groupe' THEN regexp_replace(i.territoire, '^hors_', '') END AS groupe,
        i.niveau,
        coalesce(sum(i.numerateur), 0) AS numerateur,
        coalesce(sum(i.denominateur), 0) AS denominateur
    FROM marts.indicateur AS i
    INNER JOIN definition AS d ON i.code = d.code AND i.version = d.version
    WHERE
        i.mois = :mois AND d.maille IN ('caf', 'cpam')
        AND d.type NOT IN ('quantile', 'au_dela', 'dispersion')
    GROUP BY i.code, i.version, i.niveau, groupe
),

desaccords AS (
    SELECT n.code
    FROM niveaux AS n
    GROUP BY n.code, n.version
    HAVING
        count(*) < 3 + (SELECT count(DISTINCT g.code_groupe) FROM marts.groupe AS g)
        OR count(DISTINCT n.numerateur) > 1 OR count(DISTINCT n.denominateur) > 1
),

bornes AS (
    SELECT
        v.niveau,
        v.territoire
    FROM marts.indicateur AS v
    INNER JOIN definition AS d ON v.code = d.code AND v.version = d.version
    WHERE
        v.mois = :mois
        AND (
            v.valeur < CASE WHEN d.type = 'evolution' THEN -1 ELSE 0 END
            OR d.unite = 'part' AND d.type <> 'evolution' AND v.valeur > 1
        )
),

-- a month that has measures and was never computed, since the computed month before; what is taken up at the
-- source for the sums since the origin alone is in them
reprises AS (
    SELECT l.mesure
    FROM lecture AS l
    INNER JOIN definition AS d ON l.code = d.code AND l.version = d.version
    WHERE 'origine' = any(d.periodes)
),

perdus AS (
    SELECT count(*) AS nombre
    FROM
        generate_series(
            to_date(CAST(:precedent AS text), 'YYYY-MM') + interval '1 month',
            to_date(:mois, 'YYYY-MM') - interval '1 month',
            interval '1 month'
        ) AS g (jour)
    WHERE EXISTS (
        SELECT FROM marts.mesure AS m
        WHERE m.mois = to_char(g.jour, 'YYYY-MM') AND m.mesure NOT IN (SELECT r.mesure FROM reprises AS r)
    )
),

-- Grouped, not joined: the planner knows nothing of what this transaction wrote, and would try every pair.
-- more people receive a benefit than are eligible for it: one of the two figures is wrong
contradictions AS (
    SELECT marts.caf_actuelle(m.code_caf, :mois) AS code_caf
    FROM marts.mesure AS m
    WHERE m.mois = :mois AND m.mesure IN ('population_eligible', 'beneficiaires')
    GROUP BY m.code_caf, m.modalite
    HAVING
        max(m.valeur) FILTER (WHERE m.mesure = 'beneficiaires')
        > min(m.valeur) FILTER (WHERE m.mesure = 'population_eligible')
),

-- what a Caf gave the month before and gives no longer
manquants AS (
    SELECT i.territoire
    FROM marts.indicateur AS i
    WHERE i.mois IN (CAST(:precedent AS text), :mois) AND i.niveau = 'caf'
    GROUP BY i.code, i.version, i.territoire
    HAVING
        bool_or(i.mois <> :mois AND i.statut NOT IN ('non_fourni', 'pas_encore_du'))
        AND bool_or(i.mois = :mois AND i.statut = 'non_fourni')
)

SELECT
    CAST(NULL AS text) AS code_caf,
    'caisse_inconnue' AS regle,
    i.nombre
FROM inconnues AS i
UNION ALL
SELECT
    NULL AS code_caf,
    'niveaux_en_desaccord' AS regle,
    count(*) AS nombre
FROM desaccords
UNION ALL
SELECT
    NULL AS code_caf,
    'hors_bornes' AS regle,
    count(*) AS nombre
FROM bornes
UNION ALL
SELECT
    NULL AS code_caf,
    'mois_perdu' AS regle,
    p.nombre
FROM perdus AS p
UNION ALL
SELECT
    f.code_caf,
    'hors_bornes' AS regle,
    count(b.territoire) AS nombre
FROM marts.caf_du(:mois) AS f
LEFT JOIN bornes AS b ON f.code_caf = b.territoire AND b.niveau = 'caf'
GROUP BY f.code_caf
UNION ALL
SELECT
    f.code_caf,
    'plus_fourni' AS regle,
    count(m.territoire) AS nombre
FROM marts.caf_du(:mois) AS f
LEFT JOIN manquants AS m ON f.code_caf = m.territoire
GROUP BY f.code_caf
UNION ALL
SELECT
    f.code_caf,
    'non_recours_contradictoire' AS regle,
    count(c.code_caf) AS nombre
FROM marts.caf_du(:mois) AS f
LEFT JOIN contradictions AS c ON f.code_caf = c.code_caf
GROUP BY f.code_caf
