-- purpose: what each Caf gave of every indicator over twelve months, as far as it can no longer move; with
--          those that have merged into it
-- grain: one row an indicator, version and Caf
-- inputs: marts.terme, marts.caf
-- parameters: :debut_mois, :mois (first and last of the twelve months)

WITH caf AS MATERIALIZED (
    SELECT
        c.code_caf AS code,
        marts.caf_actuelle(c.code_caf, :mois) AS code_caf
    FROM marts.caf AS c
)

SELECT
    t.code,
    t.version,
    c.code_caf,
    sum(t.numerateur) AS numerateur,
    sum(t.denominateur) AS denominateur
FROM marts.terme AS t
INNER JOIN caf AS c ON t.code_caf = c.code
WHERE t.mois BETWEEN :debut_mois AND :mois AND t.definitif AND t.classe IS NULL
GROUP BY t.code, t.version, c.code_caf
