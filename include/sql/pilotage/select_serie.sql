-- purpose: an indicator's national value, month by month
-- grain: one row a month, oldest first
-- inputs: marts.indicateur
-- parameters: :code, :version, :debut, :fin (text, AAAA-MM, both included)

SELECT
    i.mois,
    i.valeur,
    i.cible,
    i.statut
FROM marts.indicateur AS i
WHERE
    i.code = :code AND i.version = :version AND i.niveau = 'national'
    AND i.mois BETWEEN CAST(:debut AS text) AND CAST(:fin AS text)
ORDER BY i.mois
