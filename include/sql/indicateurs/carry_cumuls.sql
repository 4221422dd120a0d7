-- purpose: open the running sums of a new month with those of the computed month before it, less what leaves
--          the twelve months; the month itself is added after
-- grain: one row a (period, definition, unit, class)
-- inputs: marts.terme_cumule, marts.cumul_tenu, marts.terme
-- parameters: :mois, :precedent (the computed month before), :debut_annee (January of the month's year),
--             :fenetre (the last month that is out of the twelve months), :fenetre_precedente (the same,
--             for the month before)

INSERT INTO marts.terme_cumule
(mois, periode, code, version, code_caf, code_cpam, classe, numerateur, denominateur, nb)
WITH mouvements AS (
    SELECT
        c.periode,
        c.code,
        c.version,
        c.code_caf,
        c.code_cpam,
        c.classe,
        c.numerateur,
        c.denominateur,
        c.nb
    FROM marts.terme_cumule AS c
    INNER JOIN marts.cumul_tenu AS k
        ON c.code = k.code AND c.version = k.version AND c.periode = k.periode
    WHERE
        c.mois = :precedent
        AND (c.periode <> 'annee' OR :precedent >= :debut_annee)
        AND (c.periode <> 'douze_mois' OR :precedent > :fenetre)
    UNION ALL
    SELECT
        k.periode,
        t.code,
        t.version,
        t.code_caf,
        t.code_cpam,
        t.classe,
        -t.numerateur AS numerateur,
        -t.denominateur AS denominateur,
        -1 AS nb
    FROM marts.terme AS t
    INNER JOIN marts.cumul_tenu AS k ON t.code = k.code AND t.version = k.version
    WHERE k.periode = 'douze_mois' AND t.mois > :fenetre_precedente AND t.mois <= :fenetre
)

SELECT
    :mois AS mois,
    m.periode,
    m.code,
    m.version,
    m.code_caf,
    m.code_cpam,
    m.classe,
    sum(m.numerateur) AS numerateur,
    sum(m.denominateur) AS denominateur,
    sum(m.nb) AS nb
FROM mouvements AS m
GROUP BY m.periode, m.code, m.version, m.code_caf, m.code_cpam, m.classe
HAVING sum(m.nb) > 0
