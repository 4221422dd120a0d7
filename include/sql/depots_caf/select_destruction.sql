-- purpose: tell when our copies of one Caf's month were destroyed, if they were
-- grain: one date; null when they were not
-- inputs: suivi.evenement
-- parameters: :mois, :code_caf

SELECT min(e.cree_le) AS detruit_le
FROM suivi.evenement AS e
WHERE e.mois = :mois AND e.code_caf = :code_caf AND e.code_cpam IS NULL AND e.etat = 'expire'
