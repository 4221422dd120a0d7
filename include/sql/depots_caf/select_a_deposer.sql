-- purpose: the Caf whose lot of the month a run may write
-- grain: one row a Caf of the reference
-- inputs: marts.caf, suivi.evenement
-- parameters: :mois

SELECT
    c.code_caf,
    EXISTS(
        SELECT FROM suivi.evenement AS e
        WHERE e.mois = :mois AND e.code_caf = c.code_caf AND e.code_cpam IS NULL AND e.etat = 'expire'
    ) AS detruit
FROM marts.caf AS c
ORDER BY c.code_caf
