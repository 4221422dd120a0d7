-- purpose: tell whether our purge has destroyed the month's persons, or some of them: they are never
--          extracted again. A Cpam that certifies its copy destroyed closes nothing: it speaks of that copy
-- grain: one boolean
-- inputs: suivi.evenement, suivi.destruction (under way, or its mark once the trace is purged)
-- parameters: :mois
-- source: IT 2025-098 (the Cpam destroys what it received; nothing there closes the month for the other Caf)

SELECT
    EXISTS (
        SELECT FROM suivi.evenement AS e
        WHERE e.mois = :mois AND e.etat = 'expire'
    ) OR EXISTS (
        SELECT FROM suivi.destruction AS d
        WHERE d.mois = :mois
    ) AS detruit
