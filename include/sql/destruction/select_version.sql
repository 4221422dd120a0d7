-- purpose: the last version of a lot that the ledger says was dropped
-- grain: one number, 0 when there is none
-- inputs: suivi.evenement
-- parameters: :mois, :code_caf

SELECT coalesce(max(e.version), 0) AS version
FROM suivi.evenement AS e
WHERE e.mois = :mois AND e.code_caf = :code_caf AND e.etat = 'depose'
