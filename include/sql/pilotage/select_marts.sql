-- purpose: whether the month's indicators stand, and how many
-- grain: one row
-- inputs: marts.indicateur
-- parameters: :mois

SELECT count(*) AS nombre
FROM marts.indicateur AS i
WHERE i.mois = :mois AND i.niveau = 'national' AND i.statut IN ('definitif', 'provisoire')
