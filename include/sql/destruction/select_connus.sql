-- purpose: the lots of these months that the ledger or the purge knows; those whose destruction is certified
-- grain: one row a lot or month
-- inputs: suivi.evenement, suivi.destruction
-- parameters: :mois (array of months), :nation (code of the month as a whole)

SELECT
    e.mois,
    e.code_caf
FROM suivi.evenement AS e
WHERE e.mois = any(CAST(:mois AS text[])) AND (e.code_caf <> :nation OR e.etat = 'expire')
UNION
-- The mark of a month outlives its trace.
SELECT
    d.mois,
    d.code_caf
FROM suivi.destruction AS d
WHERE d.mois = any(CAST(:mois AS text[])) AND (d.code_caf <> :nation OR d.comptes = '{}')
ORDER BY mois, code_caf
