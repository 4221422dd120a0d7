-- purpose: national indicators of the month, for the summary
-- grain: one row an indicator
-- inputs: marts.indicateur
-- parameters: :mois

SELECT
    i.code,
    i.version,
    i.valeur,
    i.statut
FROM marts.indicateur AS i
WHERE i.mois = :mois AND i.niveau = 'national'
ORDER BY i.code, i.version
