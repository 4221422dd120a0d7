-- purpose: what each unit gave of some indicators before a month, and since, as far as it can no longer move
-- grain: one row a (definition, period, unit), one more a class of its histogram
-- inputs: marts.terme
-- parameters: :codes, :depuis (the first month of « depuis »), :mois (the last one)

SELECT
    t.code,
    t.version,
    CASE WHEN t.mois < :depuis THEN 'avant' ELSE 'depuis' END AS periode,
    t.code_caf,
    t.code_cpam,
    t.classe,
    min(t.mois) AS du,
    max(t.mois) AS au,
    coalesce(sum(t.numerateur) FILTER (WHERE t.definitif), 0) AS numerateur,
    coalesce(sum(t.denominateur) FILTER (WHERE t.definitif), 0) AS denominateur,
    bool_or(t.definitif) AS donne,
    NOT bool_and(t.definitif) AS provisoire
FROM marts.terme AS t
WHERE t.mois <= :mois AND t.code = any(:codes)
GROUP BY t.code, t.version, periode, t.code_caf, t.code_cpam, t.classe
