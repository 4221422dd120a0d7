-- purpose: give a run's verdicts at a gate, in the place of those that it gave before
-- grain: one row a rule that is not met, one « ensemble » a Caf and for the nation (code_caf null)
-- inputs: dq.rendre
-- parameters: :mois, :gate, :run_id, :verdicts (JSON text: rows of code_caf, regle, severite, verdict,
--             nombre, derogation)

SELECT dq.rendre(:mois, :gate, :run_id, CAST(:verdicts AS jsonb))
