-- purpose: begin to keep a running sum, once: over the months that were computed before it was asked for
-- grain: one row a (month, unit, class)
-- inputs: marts.calcul, marts.terme
-- parameters: :code, :version, :periode

INSERT INTO marts.terme_cumule
(mois, periode, code, version, code_caf, code_cpam, classe, numerateur, denominateur, nb)
SELECT
    c.mois,
    :periode AS periode,
    t.code,
    t.version,
    t.code_caf,
    t.code_cpam,
    t.classe,
    sum(t.numerateur) AS numerateur,
    sum(t.denominateur) AS denominateur,
    count(*) AS nb
FROM marts.calcul AS c
INNER JOIN marts.terme AS t
    ON
        c.mois >= t.mois
        AND CASE :periode
            WHEN 'annee' THEN left(t.mois, 4) = left(c.mois, 4)
            WHEN 'douze_mois'
                THEN t.mois > to_char(to_date(c.mois, 'YYYY-MM') - interval '12 months', 'YYYY-MM')
            ELSE TRUE
        END
WHERE t.code = :code AND t.version = :version
GROUP BY c.mois, t.code, t.version, t.code_caf, t.code_cpam, t.classe
