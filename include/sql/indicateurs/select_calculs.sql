-- purpose: the months whose indicators were computed
-- grain: one row a month
-- inputs: marts.calcul
-- parameters: none

SELECT c.mois
FROM marts.calcul AS c
ORDER BY c.mois
