-- purpose: an indicator's national value, month by month
-- grain: one row a month, oldest first
-- inputs: marts.indicateur
-- parameters: :code, :version, :periodes (the months, text[], AAAA-MM: the table's key begins with the month)

SELECT
    i.mois,
    i.valeur,
    i.cible,
    i.statut,
    i.definitif_le
FROM marts.indicateur AS i
WHERE i.mois = any(:periodes) AND i.code = :code AND i.version = :version AND i.niveau = 'national'
ORDER BY i.mois
