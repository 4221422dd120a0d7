-- purpose: find the events that break their chain, and say how: altered, their predecessor removed, or a
--          reason struck out that no event says
-- grain: one row an offending event and way
-- inputs: suivi.evenement, suivi.chaine (what the oldest event follows, once the trace is purged)
-- parameters: :mois (array; null: every month)

WITH liens AS (
    SELECT
        e.id,
        e.mois,
        e.code_caf,
        e.etat,
        e.hash,
        e.hash_precedent,
        e.motif_raye,
        suivi.sceller(e) AS hash_attendu,
        coalesce(lag(e.hash) OVER (PARTITION BY e.mois, e.code_caf ORDER BY e.id), c.ancre_hash) AS precedent
    FROM suivi.evenement AS e
    LEFT JOIN suivi.chaine AS c ON e.mois = c.mois AND e.code_caf = c.code_caf
    WHERE CAST(:mois AS text[]) IS NULL OR e.mois = any(CAST(:mois AS text[]))
)

SELECT
    l.mois,
    l.code_caf,
    l.id,
    l.etat,
    NULL AS scelle_pour,
    'altere' AS constat
FROM liens AS l
WHERE l.hash <> l.hash_attendu
UNION ALL
SELECT
    l.mois,
    l.code_caf,
    l.id,
    l.etat,
    NULL AS scelle_pour,
    'retire' AS constat
FROM liens AS l
WHERE l.hash_precedent IS DISTINCT FROM l.precedent
UNION ALL
SELECT
    l.mois,
    l.code_caf,
    l.id,
    l.etat,
    NULL AS scelle_pour,
    'raye_sans_trace' AS constat
FROM liens AS l
WHERE
    l.motif_raye IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM suivi.evenement AS r
        WHERE
            r.mois = l.mois AND r.code_caf = l.code_caf AND r.etat = 'raye'
            AND r.preuve = jsonb_build_object('evenement', l.id)
    )
ORDER BY id
