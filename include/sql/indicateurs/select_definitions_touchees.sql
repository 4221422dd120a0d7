-- purpose: the definitions whose terms change this month: their later cumulated values change with them
-- grain: one row a definition
-- inputs: pg_temp.terme_nouveau, marts.terme
-- parameters: :mois

WITH nouveaux AS (
    SELECT
        n.code,
        n.version,
        n.code_caf,
        n.code_cpam,
        n.classe,
        n.numerateur,
        n.denominateur,
        n.definitif
    FROM terme_nouveau AS n
    WHERE n.mois = :mois
),

anciens AS (
    SELECT
        t.code,
        t.version,
        t.code_caf,
        t.code_cpam,
        t.classe,
        t.numerateur,
        t.denominateur,
        t.definitif
    FROM marts.terme AS t
    WHERE t.mois = :mois
)

SELECT DISTINCT
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
