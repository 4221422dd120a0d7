-- purpose: what the held lots count, beside what their Caf counted in the months before
-- grain: one row a held lot and month of its Caf, the lot's own month first
-- inputs: suivi.lot_retenu, dq.historique_requete, marts.mesure
-- parameters: none

SELECT
    r.mois,
    r.code_caf,
    h.mois AS mois_compte,
    h.lignes,
    h.comptes,
    m.valeur::integer AS transmissibles
FROM suivi.lot_retenu AS r
INNER JOIN dq.historique_requete AS h
    ON r.code_caf = h.code_caf AND r.mois >= h.mois
LEFT JOIN marts.mesure AS m
    ON
        r.mois = m.mois AND r.code_caf = m.code_caf AND m.code_cpam IS NULL
        AND m.mesure = 'contacts_utilisables' AND m.modalite = 'tous'
WHERE NOT r.detruit
ORDER BY r.mois ASC, r.code_caf ASC, h.mois DESC
