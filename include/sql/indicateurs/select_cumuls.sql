-- purpose: the running sums behind the cumulated values just computed, added up again from their months,
--          whatever the sums that were carried forward
-- grain: one row a (definition, month, period, unit, class)
-- inputs: pg_temp.echeance, marts.calcul, marts.terme (by its months: what lies before a period is not read)
-- parameters: none

SELECT
    e.code,
    e.version,
    e.mois,
    e.periode,
    s.code_caf,
    s.code_cpam,
    s.classe,
    s.numerateur,
    s.denominateur
FROM echeance AS e
CROSS JOIN
    LATERAL (
        SELECT
            t.code_caf,
            t.code_cpam,
            t.classe,
            sum(t.numerateur) AS numerateur,
            sum(t.denominateur) AS denominateur
        FROM marts.terme AS t
        WHERE
            t.code = e.code
            AND t.version = e.version
            AND t.mois = any(array(
                SELECT c.mois
                FROM marts.calcul AS c
                WHERE
                    c.mois <= e.mois
                    AND CASE e.periode
                        WHEN 'annee' THEN left(c.mois, 4) = left(e.mois, 4)
                        WHEN 'douze_mois'
                            THEN c.mois > to_char(to_date(e.mois, 'YYYY-MM') - interval '1 year', 'YYYY-MM')
                        ELSE TRUE
                    END
            ))
        GROUP BY t.code_caf, t.code_cpam, t.classe
    ) AS s
WHERE e.periode <> 'mois'
