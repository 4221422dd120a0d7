-- purpose: lots whose last word is « held », for another reason than the request's gate, and not destroyed
-- grain: one row a month and Caf, oldest first
-- inputs: suivi.mois_ouvert, suivi.evenement, suivi.lot_retenu
-- parameters: none

WITH parole AS (
    SELECT DISTINCT ON (e.mois, e.code_caf)
        e.mois,
        e.code_caf,
        e.etat,
        e.motif,
        e.cree_le
    FROM suivi.evenement AS e
    WHERE
        e.mois = any(array(SELECT o.mois FROM suivi.mois_ouvert AS o))
        AND e.code_cpam IS NULL AND e.etat IN ('depose', 'retenu', 'expire')
    ORDER BY e.mois ASC, e.code_caf ASC, e.id DESC
)

SELECT
    p.mois,
    p.code_caf,
    p.motif,
    p.cree_le
FROM parole AS p
LEFT JOIN suivi.lot_retenu AS r ON p.mois = r.mois AND p.code_caf = r.code_caf
WHERE p.etat = 'retenu' AND r.mois IS NULL
ORDER BY p.cree_le, p.mois, p.code_caf
