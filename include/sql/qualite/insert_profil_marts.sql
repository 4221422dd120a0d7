-- purpose: record what a run found in the month's marts
-- grain: one row a Caf, and one for the nation
-- inputs: none
-- parameters: :mois, :run_id, :code_caf, :comptes

INSERT INTO dq.profil_marts (mois, run_id, code_caf, comptes)
VALUES (:mois, :run_id, :code_caf, CAST(:comptes AS jsonb))
