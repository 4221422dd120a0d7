-- purpose: the terms that each pair of a Caf and a Cpam gave: what a Cpam knows of a Caf's count
-- grain: one row an indicator, Caf and Cpam
-- inputs: marts.terme
-- parameters: :mois

SELECT
    t.code,
    t.version,
    t.code_caf,
    t.code_cpam,
    t.numerateur,
    t.denominateur
FROM marts.terme AS t
WHERE t.mois = :mois AND t.code_caf IS NOT NULL AND t.code_cpam IS NOT NULL AND t.classe IS NULL
ORDER BY t.code, t.version, t.code_caf, t.code_cpam
