-- purpose: what each unit gave of some indicators between some months, as far as it can no longer move
-- grain: one row a (definition, span, unit), one more a class of its histogram; tranche: how many of the
--        months that cut have come, 0 before the first
-- inputs: marts.terme
-- parameters: :codes, :bornes (the months that cut, in order), :mois (the last one)
-- the months are told one by one: the index finds the few codes in each

SELECT
    t.code,
    t.version,
    width_bucket(t.mois, CAST(:bornes AS text[])) AS tranche,
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
GROUP BY t.code, t.version, tranche, t.code_caf, t.code_cpam, t.classe
