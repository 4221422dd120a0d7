-- purpose: what every territory adds up to, the same sums at every level and for every period
-- grain: one row a (definition, month, period, territory that is given something), one more a class of its
--        histogram
-- inputs: pg_temp.terme_nouveau, pg_temp.echeance, marts.calcul, marts.reprise, marts.terme, marts.caf,
--         marts.cpam
-- parameters: :nation (the code of the national territory)
-- a period adds up its months that can no longer move: the others are told (provisoire)
-- source: IGAS 2013-164R note 4 (national = sum / sum)

CREATE TEMPORARY TABLE somme ON COMMIT DROP AS
WITH connus AS (
    SELECT c.mois FROM marts.calcul AS c
    UNION
    SELECT r.mois FROM marts.reprise AS r
),

donnees AS (
    SELECT
        t.code,
        t.version,
        t.mois,
        'mois' AS periode,
        t.code_caf,
        t.code_cpam,
        t.classe,
        t.numerateur,
        t.denominateur,
        TRUE AS donne,
        NOT t.definitif AS provisoire
    FROM terme_nouveau AS t
    UNION ALL
    SELECT
        e.code,
        e.version,
        e.mois,
        e.periode,
        t.code_caf,
        t.code_cpam,
        t.classe,
        t.numerateur,
        t.denominateur,
        t.definitif AS donne,
        NOT t.definitif AS provisoire
    FROM echeance AS e
    INNER JOIN connus AS c ON c.mois >= coalesce(e.debut, '') AND e.mois >= c.mois
    INNER JOIN marts.terme AS t ON c.mois = t.mois AND e.code = t.code AND e.version = t.version
    WHERE e.periode <> 'mois' AND (t.definitif OR t.classe IS NULL)
),

situees AS (
    SELECT
        d.code,
        d.version,
        d.mois,
        d.periode,
        d.code_caf,
        d.code_cpam,
        coalesce(c.code_region, p.code_region) AS code_region,
        d.classe,
        d.numerateur,
        d.denominateur,
        d.donne,
        d.provisoire
    FROM donnees AS d
    LEFT JOIN marts.caf AS c ON d.code_caf = c.code_caf
    LEFT JOIN marts.cpam AS p ON d.code_cpam = p.code_cpam
)

SELECT
    s.code,
    s.version,
    s.mois,
    s.periode,
    s.classe,
    CASE
        WHEN grouping(s.code_region) = 0 THEN 'region'
        WHEN grouping(s.code_caf) = 0 THEN 'caf'
        WHEN grouping(s.code_cpam) = 0 THEN 'cpam'
        ELSE 'national'
    END AS niveau,
    coalesce(s.code_region, s.code_caf, s.code_cpam, CAST(:nation AS text)) AS territoire,
    sum(s.numerateur) FILTER (WHERE s.donne) AS numerateur,
    sum(s.denominateur) FILTER (WHERE s.donne) AS denominateur,
    bool_or(s.donne) AS donne,
    bool_or(s.provisoire) AS provisoire
FROM situees AS s
GROUP BY
    s.code, s.version, s.mois, s.periode, s.classe,
    GROUPING SETS ((), (s.code_region), (s.code_caf), (s.code_cpam))
