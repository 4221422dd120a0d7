-- purpose: what the month's terms add to, or take from, those that are already in the running sums
-- grain: one row a (definition, unit, class) of the month that changes
-- inputs: pg_temp.terme_nouveau, marts.terme
-- parameters: :mois

CREATE TEMPORARY TABLE ecart ON COMMIT DROP AS
WITH mouvements AS (
    SELECT
        n.code,
        n.version,
        n.code_caf,
        n.code_cpam,
        n.classe,
        n.numerateur,
        n.denominateur,
        1 AS nb
    FROM terme_nouveau AS n
    WHERE n.mois = :mois
    UNION ALL
    SELECT
        t.code,
        t.version,
        t.code_caf,
        t.code_cpam,
        t.classe,
        -t.numerateur AS numerateur,
        -t.denominateur AS denominateur,
        -1 AS nb
    FROM marts.terme AS t
    WHERE t.mois = :mois
)

SELECT
    m.code,
    m.version,
    m.code_caf,
    m.code_cpam,
    m.classe,
    sum(m.numerateur) AS numerateur,
    sum(m.denominateur) AS denominateur,
    sum(m.nb) AS nb
FROM mouvements AS m
GROUP BY m.code, m.version, m.code_caf, m.code_cpam, m.classe
HAVING sum(m.numerateur) <> 0 OR sum(m.denominateur) <> 0 OR sum(m.nb) <> 0
