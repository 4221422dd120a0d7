-- purpose: the last verdicts of the month at each gate, counted
-- grain: one row a gate
-- inputs: dq.verdict
-- parameters: :mois

WITH dernieres AS (
    SELECT DISTINCT ON (v.gate)
        v.gate,
        v.run_id
    FROM dq.verdict AS v
    WHERE v.mois = :mois
    ORDER BY v.gate ASC, v.rendu_le DESC
)

SELECT
    v.gate,
    count(*) FILTER (WHERE v.code_caf IS NOT NULL AND v.verdict = 'conforme') AS conformes,
    count(*) FILTER (WHERE v.code_caf IS NOT NULL AND v.verdict = 'avertissement') AS avertissements,
    count(*) FILTER (WHERE v.code_caf IS NOT NULL AND v.verdict = 'retenu') AS retenues,
    max(v.verdict) FILTER (WHERE v.code_caf IS NULL) AS nation
FROM dq.verdict AS v
INNER JOIN dernieres AS d ON v.gate = d.gate AND v.run_id = d.run_id
WHERE v.mois = :mois AND v.regle = 'ensemble'
GROUP BY v.gate
ORDER BY v.gate DESC
