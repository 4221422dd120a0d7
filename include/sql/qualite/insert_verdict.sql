-- purpose: record what a gate found for one Caf (code_caf empty: the nation) and rule
-- grain: one row a (month, gate, run, Caf, rule)
-- inputs: none
-- parameters: :mois, :gate, :code_caf, :regle, :severite, :verdict, :nombre, :run_id,
--             :derogation (what became of it; null: none)

INSERT INTO dq.verdict (mois, gate, code_caf, regle, severite, verdict, nombre, run_id, derogation)
VALUES (:mois, :gate, :code_caf, :regle, :severite, :verdict, :nombre, :run_id, :derogation)
