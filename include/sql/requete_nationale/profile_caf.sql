-- purpose: count, in one pass over the cleaned month, the rows that break each rule, by Caf
-- grain: one row a Caf: every Caf of the reference, absent ones with zeros, and any unknown code found
-- inputs: staging.demandeur, marts.caf
-- parameters: :mois, :run_id; /*comptes*/ is replaced by the project's rules (the folder rules/)

WITH lignes AS (
    SELECT
        d.*,
        -- a field that changed places may hold a person's value: only what looks like a code is shown
        CASE WHEN d.code_caf ~ '^[0-9][0-9AB][0-9]$' THEN d.code_caf ELSE 'illisible' END AS code_lu
    FROM staging.demandeur AS d
    WHERE d.mois = :mois
)

INSERT INTO dq.profil_requete (mois, run_id, code_caf, connue, lignes, comptes)
SELECT
    :mois AS mois,
    :run_id AS run_id,
    coalesce(r.code_caf, d.code_lu) AS code_caf,
    r.code_caf IS NOT NULL AS connue,
    count(d.ligne) AS lignes,
    jsonb_build_object(/*comptes*/) AS comptes
FROM marts.caf AS r
FULL OUTER JOIN lignes AS d ON r.code_caf = d.code_lu
GROUP BY r.code_caf, d.code_lu
