-- purpose: what each caisse gave of an indicator over twelve months, as far as it can no longer move; a Caf
--          with those that have merged into it
-- grain: one row a caisse
-- inputs: marts.terme, marts.caf
-- parameters: :code, :version, :mois (the last), :periodes (the twelve months, told one by one: the index
--             finds the indicator in each)

WITH caf AS MATERIALIZED (
    SELECT
        c.code_caf AS code,
        marts.caf_actuelle(c.code_caf, :mois) AS code_caf
    FROM marts.caf AS c
)

SELECT
    c.code_caf,
    t.code_cpam,
    sum(t.numerateur) AS numerateur,
    sum(t.denominateur) AS denominateur
FROM marts.terme AS t
LEFT JOIN caf AS c ON t.code_caf = c.code
WHERE
    t.code = :code AND t.version = :version AND t.mois = any(:periodes)
    AND t.definitif AND t.classe IS NULL
GROUP BY GROUPING SETS ((c.code_caf), (t.code_cpam))
HAVING c.code_caf IS NOT NULL OR t.code_cpam IS NOT NULL
