-- purpose: what the drop (not a person) said of one Caf's lot as a whole: dropped or held, oldest first
-- grain: one row an event
-- inputs: suivi.evenement
-- parameters: :mois, :code_caf

SELECT
    e.id,
    e.etat,
    e.version,
    e.motif,
    e.preuve
FROM suivi.evenement AS e
WHERE
    e.mois = :mois AND e.code_caf = :code_caf AND e.code_cpam IS NULL
    AND e.etat IN ('depose', 'retenu') AND e.preuve ->> 'decision' IS NULL
ORDER BY e.id
