-- purpose: find the chains that do not end where their head says: their end was cut, or all of them removed
-- grain: one row a chain
-- inputs: suivi.evenement, suivi.chaine
-- parameters: :mois (array; null: every month)

WITH fins AS (
    SELECT DISTINCT ON (e.mois, e.code_caf)
        e.mois,
        e.code_caf,
        e.id,
        e.hash
    FROM suivi.evenement AS e
    WHERE CAST(:mois AS text[]) IS NULL OR e.mois = any(CAST(:mois AS text[]))
    ORDER BY e.mois ASC, e.code_caf ASC, e.id DESC
)

SELECT
    coalesce(c.mois, f.mois) AS mois,
    coalesce(c.code_caf, f.code_caf) AS code_caf,
    coalesce(f.id, c.ancre_id) AS id,
    NULL AS etat,
    NULL AS scelle_pour,
    CASE WHEN c.mois IS NULL THEN 'tete_absente' ELSE 'fin_coupee' END AS constat
FROM suivi.chaine AS c
FULL JOIN fins AS f ON c.mois = f.mois AND c.code_caf = f.code_caf
WHERE
    (CAST(:mois AS text[]) IS NULL OR coalesce(c.mois, f.mois) = any(CAST(:mois AS text[])))
    AND (
        c.hash IS DISTINCT FROM coalesce(f.hash, c.ancre_hash)
        OR c.dernier_id IS DISTINCT FROM coalesce(f.id, c.ancre_id)
    )
