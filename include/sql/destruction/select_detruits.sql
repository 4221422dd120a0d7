-- purpose: the lots and months whose destruction is certified, of those that the proof has found somewhere
-- grain: one row a lot or month
-- inputs: suivi.evenement, suivi.destruction
-- parameters: :mois (array of months)

SELECT
    e.mois,
    e.code_caf
FROM suivi.evenement AS e
WHERE e.etat = 'expire' AND e.code_cpam IS NULL AND e.mois = any(CAST(:mois AS text[]))
UNION
-- The mark of a month outlives its trace.
SELECT
    d.mois,
    d.code_caf
FROM suivi.destruction AS d
WHERE d.comptes = '{}' AND d.mois = any(CAST(:mois AS text[]))
ORDER BY mois, code_caf
