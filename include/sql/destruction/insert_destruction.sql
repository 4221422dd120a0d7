-- purpose: say that the destruction of a lot, or of a month as a whole, is under way
-- grain: one row a lot or month, once
-- inputs: none
-- parameters: :mois, :code_caf, :cause, :run_id, :comptes (JSON text: rows destroyed, by table)

INSERT INTO suivi.destruction (mois, code_caf, cause, run_id, comptes)
VALUES (:mois, :code_caf, :cause, :run_id, CAST(:comptes AS jsonb))
ON CONFLICT (mois, code_caf) DO NOTHING
