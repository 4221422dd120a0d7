-- purpose: the months that are published, each found by its key: what was published is not read
-- grain: one month
-- inputs: marts.calcul, diffusion.indicateur
-- parameters: none

SELECT c.mois
FROM marts.calcul AS c
WHERE EXISTS (SELECT 1 FROM diffusion.indicateur AS i WHERE i.mois = c.mois AND i.periode = 'mois')
ORDER BY c.mois
