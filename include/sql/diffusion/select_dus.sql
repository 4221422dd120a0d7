-- purpose: the months whose indicators are computed and of which nothing is published
-- grain: one month
-- inputs: marts.calcul, diffusion.indicateur
-- parameters: :mois (the last one that is due)

SELECT c.mois
FROM marts.calcul AS c
WHERE
    c.mois <= :mois
    AND NOT EXISTS (SELECT 1 FROM diffusion.indicateur AS i WHERE i.mois = c.mois AND i.periode = 'mois')
ORDER BY c.mois
