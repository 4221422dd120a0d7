-- purpose: the run that last judged the month at each gate
-- grain: one row a gate
-- inputs: dq.verdict
-- parameters: :mois

SELECT DISTINCT ON (v.gate)
    v.gate,
    v.run_id
FROM dq.verdict AS v
WHERE v.mois = :mois
ORDER BY v.gate ASC, v.rendu_le DESC
