-- The values of a month and of the periods that end with it, as anyone would write them: a list of what each figure
-- adds up, one pass over the measures that it names, every level by grouping sets. No status, no target, no check.
CREATE TEMPORARY TABLE valeur_a_la_main ON COMMIT DROP AS
WITH lignes AS (
    SELECT
        l.code, l.version, l.periode, l.type, l.quantile, l.terme, c.code_caf, p.code_cpam,
        coalesce(c.code_region, p.code_region) AS code_region,
        CASE WHEN l.histogramme THEN m.classe END AS classe,
        -- who gives a histogram and has nobody in the classes that are counted has zero
        CASE
            WHEN (l.classe_min IS NULL OR m.classe >= l.classe_min) AND (l.classe_max IS NULL OR m.classe <= l.classe_max)
                THEN l.poids * m.valeur
            ELSE 0
        END AS valeur
    FROM liste_a_la_main AS l
    INNER JOIN marts.mesure AS m
        ON
            l.mois = m.mois AND l.mesure = m.mesure
            AND (l.modalite = '*' OR m.modalite IS NOT DISTINCT FROM l.modalite)
    LEFT JOIN marts.caf AS c ON m.code_caf = c.code_caf AND l.par_caf
    LEFT JOIN marts.cpam AS p ON m.code_cpam = p.code_cpam AND l.par_cpam
),
sommes AS (
    SELECT
        code, version, periode, type, quantile, classe,
        CASE
            WHEN grouping(code_region) = 0 THEN 'region' WHEN grouping(code_caf) = 0 THEN 'caf'
            WHEN grouping(code_cpam) = 0 THEN 'cpam' ELSE 'national'
        END AS niveau,
        CASE
            WHEN grouping(code_region) = 0 THEN code_region WHEN grouping(code_caf) = 0 THEN code_caf
            WHEN grouping(code_cpam) = 0 THEN code_cpam ELSE 'FR'
        END AS territoire,
        sum(valeur) FILTER (WHERE terme = 'numerateur') AS n,
        sum(valeur) FILTER (WHERE terme = 'denominateur') AS d
    FROM lignes
    GROUP BY code, version, periode, type, quantile, classe, GROUPING SETS ((), (code_region), (code_caf), (code_cpam))
),
rangs AS (
    SELECT
        code, version, periode, type, niveau, territoire, quantile, classe, n,
        sum(n) OVER territoires AS total, sum(n) OVER (territoires ORDER BY classe) AS cumul
    FROM sommes
    WHERE classe IS NOT NULL
    WINDOW territoires AS (PARTITION BY code, version, periode, niveau, territoire)
),
valeurs AS (
    SELECT
        code, version, periode, niveau, territoire, d AS denominateur,
        CASE type
            WHEN 'compte' THEN n
            WHEN 'evolution' THEN round(n / nullif(d, 0), 12) - 1
            ELSE round(n / nullif(d, 0), 12)
        END AS valeur
    FROM sommes
    WHERE classe IS NULL AND type <> 'dispersion'
    UNION ALL
    SELECT
        code, version, periode, niveau, territoire, max(total) AS denominateur,
        CASE
            WHEN max(quantile) IS NULL THEN round(sum(classe * n) / nullif(sum(n), 0), 12)
            WHEN type = 'au_dela' THEN round(
                sum(classe * greatest(cumul - greatest(cumul - n, total * quantile), 0)) / nullif(max(total) * (1 - max(quantile)), 0), 12
            )
            ELSE (
                min(classe) FILTER (WHERE cumul >= ceil(total * quantile))
                + min(classe) FILTER (WHERE cumul >= floor(total * quantile) + 1)
            ) / 2.0
        END AS valeur
    FROM rangs
    GROUP BY code, version, periode, type, niveau, territoire
    UNION ALL
    SELECT
        s.code, s.version, s.periode, CASE WHEN grouping(c.code_region) = 0 THEN 'region' ELSE 'national' END,
        coalesce(c.code_region, 'FR'), min(s.n / s.d) AS denominateur,
        round(round(max(s.n / s.d), 12) / round(min(s.n / s.d), 12), 12) AS valeur
    FROM sommes AS s
    INNER JOIN marts.caf AS c ON s.territoire = c.code_caf
    WHERE s.type = 'dispersion' AND s.niveau = 'caf' AND s.d > 0
    GROUP BY s.code, s.version, s.periode, GROUPING SETS ((), (c.code_region))
    HAVING count(*) > 1
)
SELECT * FROM valeurs WHERE territoire IS NOT NULL AND valeur IS NOT NULL
