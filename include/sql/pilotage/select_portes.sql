-- purpose: the last judgement of each gate for the month, counted
-- grain: one row a gate
-- inputs: dq.verdict
-- avec: dernieres
-- parameters: :mois

SELECT
    v.gate,
    v.run_id,
    max(v.rendu_le) AS rendu_le,
    max(v.verdict) FILTER (WHERE v.code_caf IS NULL) AS nation,
    count(*) FILTER (WHERE v.code_caf IS NOT NULL AND v.verdict = 'conforme') AS conformes,
    count(*) FILTER (WHERE v.code_caf IS NOT NULL AND v.verdict = 'avertissement') AS avertissements,
    count(*) FILTER (
        WHERE v.code_caf IS NOT NULL AND v.verdict NOT IN ('conforme', 'avertissement')
    ) AS retenues
FROM dq.verdict AS v
INNER JOIN dernieres AS d ON v.gate = d.gate AND v.run_id = d.run_id
WHERE v.mois = :mois AND v.regle = 'ensemble'
GROUP BY v.gate, v.run_id
ORDER BY v.gate
