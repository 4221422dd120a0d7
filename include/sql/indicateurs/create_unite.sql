-- purpose: what each unit adds up to, for the month and for every period that ends with it
-- grain: one row a (what is valued, unit), one more a class of its histogram; lieu: the unit at that month
-- inputs: pg_temp.terme_nouveau, pg_temp.echeance, marts.calcul, marts.reprise, marts.terme
-- parameters: none
-- a period adds up its months that can no longer move: the others are told (provisoire)

CREATE TEMPORARY TABLE unite ON COMMIT DROP AS
WITH connus AS (
    SELECT c.mois FROM marts.calcul AS c
    UNION
    SELECT r.mois FROM marts.reprise AS r
),

unites AS (
    SELECT
        e.numero,
        e.mois,
        t.code_caf,
        t.code_cpam,
        t.classe,
        t.numerateur,
        t.denominateur,
        TRUE AS donne,
        NOT t.definitif AS provisoire
    FROM echeance AS e
    INNER JOIN terme_nouveau AS t ON e.mois = t.mois AND e.code = t.code AND e.version = t.version
    WHERE e.periode = 'mois'
    UNION ALL
    -- one look-up a period, its months told one by one: the index finds them, whatever past lies around;
    -- and the months of each unit first: the levels then add up twelve times fewer rows
    SELECT
        e.numero,
        e.mois,
        p.code_caf,
        p.code_cpam,
        p.classe,
        p.numerateur,
        p.denominateur,
        p.donne,
        p.provisoire
    FROM echeance AS e
    CROSS JOIN
        LATERAL (
            SELECT
                t.code_caf,
                t.code_cpam,
                t.classe,
                sum(t.numerateur) FILTER (WHERE t.definitif) AS numerateur,
                sum(t.denominateur) FILTER (WHERE t.definitif) AS denominateur,
                bool_or(t.definitif) AS donne,
                NOT bool_and(t.definitif) AS provisoire
            FROM marts.terme AS t
            WHERE
                t.mois = any(
                    array(
                        SELECT c.mois FROM connus AS c
                        WHERE c.mois BETWEEN coalesce(e.debut, '') AND e.mois
                    )
                )
                AND t.code = e.code AND t.version = e.version AND (t.definitif OR t.classe IS NULL)
            GROUP BY t.code_caf, t.code_cpam, t.classe
        ) AS p
    WHERE e.periode <> 'mois'
)

SELECT
    u.numero,
    u.mois || '/' || coalesce(u.code_caf, '') || '/' || coalesce(u.code_cpam, '') AS lieu,
    u.mois,
    u.code_caf,
    u.code_cpam,
    u.classe,
    u.numerateur,
    u.denominateur,
    u.donne,
    u.provisoire
FROM unites AS u
