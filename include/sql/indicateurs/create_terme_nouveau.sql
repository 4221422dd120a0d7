-- purpose: both terms of each definition, by unit, from the measures
-- grain: one row a (definition, month, unit) that gives every component; one more a class of its histogram
-- inputs: pg_temp.definition, pg_temp.lecture, pg_temp.retard, marts.mesure
-- parameters: :jour (the day of the computation)
-- source: a rate counts a unit only if it gives both terms: two sums over different units would be a rate
--         of nothing

CREATE TEMPORARY TABLE terme_nouveau ON COMMIT DROP AS
WITH lignes AS (
    SELECT
        l.numero,
        l.rang,
        l.nb,
        l.terme,
        CASE WHEN d.maille IN ('caf', 'couple') THEN m.code_caf END AS code_caf,
        CASE WHEN d.maille IN ('cpam', 'couple') THEN m.code_cpam END AS code_cpam,
        CASE WHEN d.histogramme THEN m.classe END AS classe,
        CASE
            WHEN
                (l.classe_min IS NULL OR m.classe >= l.classe_min)
                AND (l.classe_max IS NULL OR m.classe <= l.classe_max)
                THEN l.poids * m.valeur
        END AS valeur,
        coalesce(r.definitif_le, l.definitif_le) <= least(m.mesuree_le, CAST(:jour AS date)) AS definitif
    FROM marts.mesure AS m
    INNER JOIN lecture AS l ON m.mois = l.mois_lu AND m.mesure = l.mesure
    INNER JOIN definition AS d ON l.code = d.code AND l.version = d.version
    LEFT JOIN retard AS r
        ON
            m.mois = r.mois AND m.mesure = r.mesure AND coalesce(m.code_caf, '') = coalesce(r.code_caf, '')
            AND coalesce(m.code_cpam, '') = coalesce(r.code_cpam, '')
    WHERE
        m.mois IN (SELECT x.mois_lu FROM lecture AS x)
        AND (l.modalite = '*' OR m.modalite IS NOT DISTINCT FROM l.modalite)
        AND (NOT d.histogramme OR m.classe IS NOT NULL)
        AND CASE d.maille
            WHEN 'caf' THEN m.code_caf IS NOT NULL
            WHEN 'cpam' THEN m.code_cpam IS NOT NULL
            WHEN 'couple' THEN m.code_caf IS NOT NULL OR m.code_cpam IS NOT NULL
            ELSE TRUE
        END
),

par_composant AS (
    SELECT
        l.numero,
        l.rang,
        l.nb,
        l.terme,
        l.code_caf,
        l.code_cpam,
        l.classe,
        sum(l.valeur) AS valeur,
        bool_and(l.definitif) AS definitif
    FROM lignes AS l
    GROUP BY l.numero, l.rang, l.nb, l.terme, l.code_caf, l.code_cpam, l.classe
),

-- one pass: a unit is complete when each rank has its bit; a join, back to the units or to their number of
-- ranks, would be one nested loop, since the planner takes what is grouped here for one row
completes AS (
    SELECT
        c.numero,
        c.terme,
        c.code_caf,
        c.code_cpam,
        c.classe,
        c.valeur,
        bool_and(c.definitif) OVER unite AS definitif,
        bit_or(1::bigint << c.rang) OVER unite = (1::bigint << c.nb::integer) - 1 AS complete
    FROM par_composant AS c
    WINDOW unite AS (PARTITION BY c.numero, c.code_caf, c.code_cpam)
),

-- a histogram keeps its classes apart: what is whole about it has none
termes AS (
    SELECT
        c.numero,
        c.code_caf,
        c.code_cpam,
        CASE WHEN grouping(c.classe) = 0 THEN c.classe END AS classe,
        coalesce(CASE
            WHEN grouping(c.classe) = 0 THEN sum(c.valeur)
            ELSE sum(c.valeur) FILTER (WHERE c.terme = 'numerateur' AND c.classe IS NULL)
        END, 0) AS numerateur,
        coalesce(
            sum(c.valeur) FILTER (WHERE c.terme = 'denominateur' AND c.classe IS NULL), 0
        ) AS denominateur,
        bool_and(c.definitif) AS definitif
    FROM completes AS c
    WHERE c.complete
    GROUP BY c.numero, c.code_caf, c.code_cpam, GROUPING SETS ((), (c.classe))
    HAVING grouping(c.classe) = 1 OR (c.classe IS NOT NULL AND count(c.valeur) > 0)
)

SELECT
    l.mois,
    l.code,
    l.version,
    t.code_caf,
    t.code_cpam,
    t.classe,
    t.numerateur,
    t.denominateur,
    t.definitif
FROM termes AS t
INNER JOIN lecture AS l ON t.numero = l.numero
WHERE l.rang = 0
