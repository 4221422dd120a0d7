-- purpose: the computed months of which a value was waiting for a day that has come since
-- grain: one row a month
-- inputs: marts.indicateur, marts.calcul
-- parameters: :jour

SELECT DISTINCT i.mois
FROM marts.indicateur AS i
INNER JOIN marts.calcul AS c ON i.mois = c.mois
WHERE
    i.niveau = 'national' AND i.statut IN ('provisoire', 'pas_encore_du') AND i.definitif_le <= :jour
    AND CAST(c.calcule_le AT TIME ZONE 'Europe/Paris' AS date) < i.definitif_le
ORDER BY i.mois
