-- purpose: what each unit gave of some indicators before a month, and since, as far as it can no longer move
-- grain: one row a (definition, period, unit), one more a class of its histogram
-- inputs: marts.terme
-- parameters: :codes, :depuis (the first month of « depuis »), :mois (the last one)
-- the months are told one by one: the index finds the few codes in each

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
WHERE
    t.mois = any(
        array(
            SELECT to_char(g.jour, 'YYYY-MM')
            FROM
                generate_series(
                    (SELECT to_date(min(x.mois), 'YYYY-MM') FROM marts.terme AS x),
                    to_date(:mois, 'YYYY-MM'), interval '1 month'
                ) AS g (jour)
        )
    )
    AND t.code = any(:codes)
GROUP BY t.code, t.version, periode, t.code_caf, t.code_cpam, t.classe
