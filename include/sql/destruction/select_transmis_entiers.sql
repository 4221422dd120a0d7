-- purpose: lots that stand and that every recipient has been sent, whose people are not remembered yet
-- grain: one row a month, Caf and version
-- inputs: suivi.destinataire, suivi.lot_memorise
-- parameters: :debut (first month)

SELECT
    d.mois,
    d.code_caf,
    d.version
FROM suivi.destinataire AS d
WHERE
    d.mois >= :debut
    AND NOT EXISTS (
        SELECT FROM suivi.lot_memorise AS l
        WHERE l.mois = d.mois AND l.code_caf = d.code_caf AND l.version = d.version
    )
GROUP BY d.mois, d.code_caf, d.version
HAVING bool_and(d.etat IS NOT NULL) AND bool_or(d.etat = 'transmis')
ORDER BY d.mois, d.code_caf
