-- purpose: the Caf whose lot of the month a run may write
-- grain: one row a Caf of the reference
-- inputs: marts.caf_du, suivi.evenement, suivi.destruction
-- parameters: :mois, :nation (the code of the month as a whole)

SELECT
    c.code_caf,
    EXISTS(
        SELECT FROM suivi.evenement AS e
        WHERE
            e.mois = :mois AND e.code_caf IN (c.code_caf, :nation)
            AND e.code_cpam IS NULL AND e.etat = 'expire'
        UNION ALL
        SELECT FROM suivi.destruction AS d
        WHERE d.mois = :mois AND d.code_caf IN (c.code_caf, :nation)
    ) AS detruit
FROM marts.caf_du(:mois) AS c
ORDER BY c.code_caf
