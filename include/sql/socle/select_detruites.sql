-- purpose: whose persons of the month our purge has destroyed, or begun to: they are never extracted again. A
--          Cpam that certifies its copy destroyed closes nothing: it speaks of that copy
-- grain: one row a Caf, or the code of the nation for the month as a whole
-- inputs: suivi.evenement, suivi.destruction (under way, or its mark once the trace is purged)
-- parameters: :mois
-- source: IT 2025-098 (the Cpam destroys what it received; nothing there closes the month for the other Caf)

SELECT e.code_caf
FROM suivi.evenement AS e
WHERE e.mois = :mois AND e.code_cpam IS NULL AND e.etat = 'expire'
UNION
SELECT d.code_caf
FROM suivi.destruction AS d
WHERE d.mois = :mois
