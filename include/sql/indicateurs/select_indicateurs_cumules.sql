-- purpose: the cumulated values just computed, as they are published
-- grain: one row a (definition, month, period, territory)
-- inputs: pg_temp.echeance, marts.indicateur_cumule
-- parameters: none

SELECT
    i.code,
    i.version,
    i.mois,
    i.periode,
    i.niveau,
    i.territoire,
    i.numerateur,
    i.denominateur,
    i.valeur,
    i.cible,
    i.atteinte,
    i.statut
FROM echeance AS e
INNER JOIN marts.indicateur_cumule AS i
    ON e.mois = i.mois AND e.periode = i.periode AND e.code = i.code AND e.version = i.version
