-- purpose: the definitions whose terms change in these months: their later cumulated values change with them
-- grain: one row a (month, definition)
-- inputs: pg_temp.terme_nouveau, marts.terme
-- parameters: :mois

WITH nouveaux AS (
    SELECT
        n.mois,
        n.code,
        n.version,
        n.code_caf,
        n.code_cpam,
        n.classe,
        n.numerateur,
        n.denominateur,
        n.definitif
    FROM terme_nouveau AS n
    WHERE n.mois = any(CAST(:mois AS text[]))
),

anciens AS (
    SELECT
        t.mois,
        t.code,
        t.version,
        t.code_caf,
        t.code_cpam,
        t.classe,
        t.numerateur,
        t.denominateur,
        t.definitif
    FROM marts.terme AS t
    WHERE t.mois = any(CAST(:mois AS text[]))
)

SELECT DISTINCT
    x.mois,
    x.code,
    x.version
FROM (
    (
        SELECT * FROM nouveaux
        EXCEPT
        SELECT * FROM anciens
    )
    UNION ALL
    (
        SELECT * FROM anciens
        EXCEPT
        SELECT * FROM nouveaux
    )
) AS x
