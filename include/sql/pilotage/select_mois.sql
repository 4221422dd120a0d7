-- purpose: the months that something is known of, newest first
-- grain: one row a month
-- inputs: dq.verdict, suivi.chaine, marts.calcul
-- parameters: none

SELECT v.mois FROM dq.verdict AS v WHERE v.regle = 'ensemble' AND v.code_caf IS NULL
UNION
SELECT c.mois FROM suivi.chaine AS c
UNION
SELECT k.mois FROM marts.calcul AS k
ORDER BY mois DESC
