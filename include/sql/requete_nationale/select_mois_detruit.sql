-- purpose: tell whether the month's persons were destroyed: they are never extracted again
-- grain: one boolean
-- inputs: suivi.evenement
-- parameters: :mois

SELECT EXISTS(
    SELECT FROM suivi.evenement AS e
    WHERE e.mois = :mois AND e.etat IN ('detruit', 'expire')
) AS detruit
