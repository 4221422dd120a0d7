-- purpose: bring a change of the month into every running sum that holds the month: its own and later ones
-- grain: one row a (computed month, period, definition, unit, class) that changes
-- inputs: pg_temp.ecart, marts.cumul_tenu, marts.calcul
-- parameters: :mois, :fin_annee (December of the month's year), :fin_fenetre (the last month whose twelve
--             months hold this one)

INSERT INTO marts.terme_cumule AS cumul
(mois, periode, code, version, code_caf, code_cpam, classe, numerateur, denominateur, nb)
SELECT
    c.mois,
    k.periode,
    e.code,
    e.version,
    e.code_caf,
    e.code_cpam,
    e.classe,
    e.numerateur,
    e.denominateur,
    e.nb
FROM ecart AS e
INNER JOIN marts.cumul_tenu AS k ON e.code = k.code AND e.version = k.version
INNER JOIN marts.calcul AS c
    ON
        c.mois >= :mois
        AND (k.periode <> 'annee' OR c.mois <= :fin_annee)
        AND (k.periode <> 'douze_mois' OR c.mois <= :fin_fenetre)
ON CONFLICT (mois, periode, code, version, code_caf, code_cpam, classe) DO UPDATE SET
    numerateur = cumul.numerateur + excluded.numerateur,
    denominateur = cumul.denominateur + excluded.denominateur,
    nb = cumul.nb + excluded.nb
