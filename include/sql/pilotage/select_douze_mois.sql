-- purpose: what each caisse gave of an indicator over twelve months, as far as it can no longer move
-- grain: one row a caisse
-- inputs: marts.terme
-- parameters: :code, :version, :periodes (the twelve months, told one by one: the index finds the
--             indicator in each)

SELECT
    t.code_caf,
    t.code_cpam,
    sum(t.numerateur) AS numerateur,
    sum(t.denominateur) AS denominateur
FROM marts.terme AS t
WHERE
    t.code = :code AND t.version = :version AND t.mois = any(:periodes)
    AND t.definitif AND t.classe IS NULL
GROUP BY GROUPING SETS ((t.code_caf), (t.code_cpam))
HAVING t.code_caf IS NOT NULL OR t.code_cpam IS NOT NULL
