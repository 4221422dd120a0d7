-- purpose: the months that something is known of, newest first
-- grain: one row a month
-- inputs: dq.verdict, suivi.evenement, marts.indicateur
-- parameters: none

SELECT v.mois FROM dq.verdict AS v WHERE v.regle = 'ensemble' AND v.code_caf IS NULL
UNION
SELECT e.mois FROM suivi.evenement AS e
UNION
SELECT i.mois FROM marts.indicateur AS i WHERE i.niveau = 'national'
ORDER BY mois DESC
