-- purpose: lots whose last word is « held », for another reason than the request's gate, and not destroyed
-- grain: one row a month and Caf, oldest first
-- inputs: suivi.evenement, suivi.lot_retenu
-- parameters: none

WITH parole AS (
    SELECT max(e.id) AS id
    FROM suivi.evenement AS e
    WHERE e.code_cpam IS NULL AND e.etat IN ('depose', 'retenu', 'expire')
    GROUP BY e.mois, e.code_caf
)

SELECT
    e.mois,
    e.code_caf,
    e.motif,
    e.cree_le
FROM parole AS p
INNER JOIN suivi.evenement AS e ON p.id = e.id
LEFT JOIN suivi.lot_retenu AS r ON e.mois = r.mois AND e.code_caf = r.code_caf
WHERE e.etat = 'retenu' AND r.mois IS NULL
ORDER BY e.cree_le, e.mois, e.code_caf
