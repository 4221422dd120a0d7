-- purpose: every lot and month whose destruction is certified: what the proof looks for again
-- grain: one row a lot or month
-- inputs: suivi.evenement, suivi.destruction
-- parameters: none

SELECT
    e.mois,
    e.code_caf
FROM suivi.evenement AS e
WHERE e.etat = 'expire'
UNION
-- The mark of a month outlives its trace.
SELECT
    d.mois,
    d.code_caf
FROM suivi.destruction AS d
WHERE
    d.comptes = '{}'
ORDER BY mois, code_caf
