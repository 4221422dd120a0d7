-- purpose: the profile of the month: how many rows break each rule, by Caf
-- grain: one row a Caf: every Caf of the reference, absent ones with zeros, and any unknown code found
-- inputs: compte_regles (temporary), marts.caf_du
-- parameters: :mois, :run_id, :regles (array: the rules that are counted)

WITH zeros AS (
    SELECT jsonb_object_agg(x.regle, 0) AS comptes
    FROM unnest(CAST(:regles AS text[])) AS x (regle)
)

INSERT INTO dq.profil_requete (mois, run_id, code_caf, connue, lignes, comptes)
SELECT
    :mois AS mois,
    :run_id AS run_id,
    coalesce(r.code_caf, c.code_lu) AS code_caf,
    r.code_caf IS NOT NULL AS connue,
    coalesce(c.lignes, 0) AS lignes,
    coalesce(c.comptes, zeros.comptes) AS comptes
FROM marts.caf_du(:mois) AS r
FULL OUTER JOIN compte_regles AS c ON r.code_caf = c.code_connu
CROSS JOIN zeros
-- a Caf whose persons are destroyed has its counts already
ON CONFLICT (mois, run_id, code_caf) DO NOTHING
