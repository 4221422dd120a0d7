-- purpose: the histogram behind each quantile that may be published
-- grain: one row an indicator, month, level, territory and class
-- inputs: marts.terme, marts.caf
-- parameters: :mois (the last one that is due), :codes

SELECT
    t.code,
    t.version,
    t.mois,
    'mois' AS periode,
    n.niveau,
    n.territoire,
    t.classe,
    sum(t.numerateur) AS nombre
FROM marts.terme AS t
INNER JOIN marts.caf AS c ON t.code_caf = c.code_caf
CROSS JOIN
    LATERAL (
        VALUES ('national', 'FR'), ('region', c.code_region), ('caf', c.code_caf)
    ) AS n (niveau, territoire)
WHERE t.mois <= :mois AND t.code = any(:codes) AND t.classe IS NOT NULL
GROUP BY t.code, t.version, t.mois, n.niveau, n.territoire, t.classe
