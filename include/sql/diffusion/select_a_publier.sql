-- purpose: the values that may be published, for nothing can still move them: of months and closed years
-- grain: one row an indicator, month, period, level and territory
-- inputs: marts.indicateur, marts.indicateur_cumule
-- parameters: :mois (the last one that is due), :codes

SELECT
    i.code,
    i.version,
    i.mois,
    'mois' AS periode,
    i.niveau,
    i.territoire,
    i.numerateur,
    i.denominateur,
    i.valeur,
    i.cible,
    i.atteinte,
    i.statut
FROM marts.indicateur AS i
WHERE
    i.mois <= :mois AND i.code = any(:codes) AND i.niveau IN ('national', 'region', 'caf')
    AND i.statut NOT IN ('provisoire', 'pas_encore_du')
UNION ALL
SELECT
    c.code,
    c.version,
    c.mois,
    c.periode,
    c.niveau,
    c.territoire,
    c.numerateur,
    c.denominateur,
    c.valeur,
    c.cible,
    c.atteinte,
    c.statut
FROM marts.indicateur_cumule AS c
WHERE
    c.mois <= :mois AND c.code = any(:codes) AND c.niveau IN ('national', 'region', 'caf')
    AND c.periode = 'annee' AND c.mois LIKE '%-12'
    AND c.statut NOT IN ('provisoire', 'pas_encore_du')
