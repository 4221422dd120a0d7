-- purpose: record what a gate found for one Caf (code_caf empty: the nation) and rule
-- grain: one row a (month, gate, run, Caf, rule)
-- inputs: none
-- parameters: :mois, :gate, :code_caf, :regle, :severite, :verdict, :nombre, :run_id

INSERT INTO dq.verdict (mois, gate, code_caf, regle, severite, verdict, nombre, run_id)
VALUES (:mois, :gate, :code_caf, :regle, :severite, :verdict, :nombre, :run_id)
