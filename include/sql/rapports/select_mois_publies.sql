-- purpose: the months that are published
-- grain: one month
-- inputs: diffusion.indicateur
-- parameters: none

SELECT DISTINCT i.mois
FROM diffusion.indicateur AS i
WHERE i.periode = 'mois'
ORDER BY i.mois
