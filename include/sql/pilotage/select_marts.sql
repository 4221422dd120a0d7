-- purpose: whether the month's indicators stand: how many have a value, final or provisional, among how many
-- grain: one row
-- inputs: marts.indicateur
-- parameters: :mois

SELECT
    count(*) FILTER (WHERE i.statut IN ('definitif', 'provisoire')) AS fournis,
    count(*) FILTER (WHERE i.statut = 'provisoire') AS provisoires,
    count(*) AS nombre
FROM marts.indicateur AS i
WHERE i.mois = :mois AND i.niveau = 'national'
