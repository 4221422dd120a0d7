-- purpose: record what reading each lot back has found
-- grain: one row a (month, run, Caf)
-- inputs: none
-- parameters: :mois, :run_id, :comptes (by code of Caf)

INSERT INTO dq.profil_depots (mois, run_id, code_caf, comptes)
SELECT
    :mois AS mois,
    :run_id AS run_id,
    c.code_caf,
    c.comptes
FROM jsonb_each(CAST(:comptes AS jsonb)) AS c (code_caf, comptes)
