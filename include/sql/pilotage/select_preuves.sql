-- purpose: what the held lots count, beside what their Caf, and those merged into it, counted in the
--          months before
-- grain: one row a held lot, month and Caf of that month, the lot's own month first
-- inputs: suivi.lot_retenu, marts.caf, dq.historique_requete, marts.mesure
-- parameters: none

WITH siennes AS MATERIALIZED (
    SELECT
        r.mois,
        r.code_caf,
        c.code_caf AS code
    FROM suivi.lot_retenu AS r
    INNER JOIN marts.caf AS c
        ON
            r.code_caf = c.code_caf
            OR (c.successeur IS NOT NULL AND r.code_caf = marts.caf_actuelle(c.code_caf, r.mois))
    WHERE NOT r.detruit
)

SELECT
    s.mois,
    s.code_caf,
    h.mois AS mois_compte,
    h.lignes,
    h.comptes,
    m.valeur::integer AS transmissibles
FROM siennes AS s
INNER JOIN dq.historique_requete AS h ON s.code = h.code_caf AND s.mois >= h.mois
LEFT JOIN marts.mesure AS m
    ON
        s.mois = m.mois AND s.code_caf = m.code_caf AND m.code_cpam IS NULL
        AND m.mesure = 'contacts_utilisables' AND m.modalite = 'tous'
ORDER BY s.mois ASC, s.code_caf ASC, h.mois DESC
