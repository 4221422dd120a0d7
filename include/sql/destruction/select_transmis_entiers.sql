-- purpose: lots that stand and that every recipient has been sent: all of their people are transmitted
-- grain: one row a month, Caf and version
-- inputs: suivi.destinataire
-- parameters: :debut (first month)

SELECT
    d.mois,
    d.code_caf,
    d.version
FROM suivi.destinataire AS d
WHERE d.mois >= :debut
GROUP BY d.mois, d.code_caf, d.version
HAVING bool_and(d.etat IS NOT NULL) AND bool_or(d.etat = 'transmis')
ORDER BY d.mois, d.code_caf
