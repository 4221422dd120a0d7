-- purpose: when the indicators of the months were last computed
-- grain: one row
-- inputs: marts.calcul
-- parameters: :debut_mois, :mois (first and last of the months)

SELECT max(c.calcule_le) AS calcule_le
FROM marts.calcul AS c
WHERE c.mois BETWEEN :debut_mois AND :mois
