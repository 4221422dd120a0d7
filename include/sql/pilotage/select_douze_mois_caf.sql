-- purpose: what each Caf gave of every indicator over twelve months, as far as it can no longer move
-- grain: one row an indicator, version and Caf
-- inputs: marts.terme
-- parameters: :debut_mois, :mois (first and last of the twelve months)

SELECT
    t.code,
    t.version,
    t.code_caf,
    sum(t.numerateur) AS numerateur,
    sum(t.denominateur) AS denominateur
FROM marts.terme AS t
WHERE
    t.mois BETWEEN :debut_mois AND :mois AND t.definitif AND t.classe IS NULL
    AND t.code_caf IS NOT NULL
GROUP BY t.code, t.version, t.code_caf
