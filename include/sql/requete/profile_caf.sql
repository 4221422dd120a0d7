-- purpose: count, in one pass over the cleaned month, the rows that break each rule, by Caf
-- grain: one row a Caf: every Caf of the reference, absent ones with zeros, and any unknown code found
-- inputs: staging.demandeur, marts.caf_du, what the rules read
-- parameters: :mois, :run_id; mois_precedent (for the rules); /*comptes*/ is replaced by the rules

WITH du_mois AS (
    SELECT b.* FROM staging.demandeur AS b
    WHERE b.mois = :mois
),

lignes AS (
    SELECT
        d.*,
        r.code_caf AS code_connu,
        CASE
            WHEN r.code_caf IS NOT NULL THEN r.code_caf
            -- a field that changed places may hold a person's value: only what looks like a code is shown
            WHEN d.code_caf ~ '^[0-9][0-9AB][0-9]$' THEN d.code_caf
            ELSE 'illisible'
        END AS code_lu
    FROM marts.caf_du(:mois) AS r
    FULL OUTER JOIN du_mois AS d ON r.code_caf = d.code_caf
)

INSERT INTO dq.profil_requete (mois, run_id, code_caf, connue, lignes, comptes)
SELECT
    :mois AS mois,
    :run_id AS run_id,
    d.code_lu AS code_caf,
    d.code_connu IS NOT NULL AS connue,
    count(d.ligne) AS lignes,
    jsonb_build_object(/*comptes*/) AS comptes
FROM lignes AS d
GROUP BY d.code_connu, d.code_lu
-- a Caf whose persons are destroyed has its counts already
ON CONFLICT (mois, run_id, code_caf) DO NOTHING
