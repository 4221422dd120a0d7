-- purpose: read the verdicts that a run gave at a gate
-- grain: one row a rule that is not met, one « ensemble » a Caf and for the nation (code_caf null)
-- inputs: dq.verdict
-- parameters: :gate, :run_id, :mois (null: every month of the run)

SELECT
    v.mois,
    v.code_caf,
    v.regle,
    v.severite,
    v.verdict
FROM dq.verdict AS v
WHERE
    v.gate = :gate
    AND v.run_id = :run_id
    AND (CAST(:mois AS text) IS NULL OR v.mois = :mois)
ORDER BY v.mois, v.code_caf, v.regle
