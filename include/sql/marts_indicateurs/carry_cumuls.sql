-- purpose: open the running sums of a new month with those of the computed month before it, less what leaves
--          the twelve months; the month itself is added after
-- grain: one row a (period, definition, unit, class)
-- inputs: marts.terme_cumule, marts.cumul_tenu, marts.terme
-- parameters: :mois, :precedent (the computed month before), :debut_annee (January of the month's year),
--             :fenetre (the last month that is out of the twelve months), :fenetre_precedente (the same,
--             for the month before)

INSERT INTO marts.terme_cumule
(mois, periode, code, version, code_caf, code_cpam, classe, numerateur, denominateur, nb)
WITH sortants AS (
    SELECT
        t.code,
        t.version,
        t.code_caf,
        t.code_cpam,
        t.classe,
        sum(t.numerateur) AS numerateur,
        sum(t.denominateur) AS denominateur,
        count(*) AS nb
    FROM marts.terme AS t
    WHERE t.mois > :fenetre_precedente AND t.mois <= :fenetre
    GROUP BY t.code, t.version, t.code_caf, t.code_cpam, t.classe
)

SELECT
    :mois AS mois,
    c.periode,
    c.code,
    c.version,
    c.code_caf,
    c.code_cpam,
    c.classe,
    c.numerateur - coalesce(s.numerateur, 0) AS numerateur,
    c.denominateur - coalesce(s.denominateur, 0) AS denominateur,
    c.nb - coalesce(s.nb, 0) AS nb
FROM marts.terme_cumule AS c
INNER JOIN marts.cumul_tenu AS k
    ON c.code = k.code AND c.version = k.version AND c.periode = k.periode
LEFT JOIN sortants AS s
    ON
        c.periode = 'douze_mois'
        AND c.code = s.code AND c.version = s.version
        AND c.code_caf IS NOT DISTINCT FROM s.code_caf AND c.code_cpam IS NOT DISTINCT FROM s.code_cpam
        AND c.classe IS NOT DISTINCT FROM s.classe
WHERE
    c.mois = :precedent
    AND (c.periode <> 'annee' OR :precedent >= :debut_annee)
    AND (c.periode <> 'douze_mois' OR :precedent > :fenetre)
    AND c.nb > coalesce(s.nb, 0)
