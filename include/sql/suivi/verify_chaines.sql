-- purpose: find the events that break their chain: altered, or their predecessor removed
-- grain: one row an offending event
-- inputs: suivi.evenement
-- parameters: :mois (null: every month)

WITH chaine AS (
    SELECT
        e.id,
        e.mois,
        e.code_caf,
        e.hash,
        e.hash_precedent,
        suivi.sceller(e) AS hash_attendu,
        lag(e.hash) OVER (PARTITION BY e.mois, e.code_caf ORDER BY e.id) AS hash_du_precedent
    FROM suivi.evenement AS e
    WHERE CAST(:mois AS text) IS NULL OR e.mois = :mois
)

SELECT
    c.mois,
    c.code_caf,
    c.id
FROM chaine AS c
WHERE c.hash <> c.hash_attendu OR c.hash_precedent IS DISTINCT FROM c.hash_du_precedent
ORDER BY c.id
