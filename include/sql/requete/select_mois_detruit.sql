-- purpose: tell whether the month's persons, or some of them, were destroyed: they are never extracted again
-- grain: one boolean
-- inputs: suivi.evenement, suivi.destruction (under way, or its mark once the trace is purged)
-- parameters: :mois

SELECT
    EXISTS (
        SELECT FROM suivi.evenement AS e
        WHERE e.mois = :mois AND e.etat IN ('detruit', 'expire')
    ) OR EXISTS (
        SELECT FROM suivi.destruction AS d
        WHERE d.mois = :mois
    ) AS detruit
