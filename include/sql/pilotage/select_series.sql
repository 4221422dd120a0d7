-- purpose: every indicator's national value, month by month, as far as it can no longer move
-- grain: one row an indicator, version and month
-- inputs: marts.indicateur
-- parameters: :debut_mois, :mois (first and last of the months)

SELECT
    i.code,
    i.version,
    i.mois,
    i.valeur
FROM marts.indicateur AS i
WHERE
    i.niveau = 'national' AND i.mois BETWEEN :debut_mois AND :mois AND i.statut = 'definitif'
    AND i.valeur IS NOT NULL
