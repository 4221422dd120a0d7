-- purpose: record what reading one Caf's lot back has found
-- grain: one row a (month, run, Caf)
-- inputs: none
-- parameters: :mois, :run_id, :code_caf, :comptes

INSERT INTO dq.profil_depots (mois, run_id, code_caf, comptes)
VALUES (:mois, :run_id, :code_caf, cast(:comptes AS jsonb))
