-- purpose: the last verdict of each gate, month by month
-- grain: one row a month and gate
-- inputs: dq.verdict
-- parameters: :debut, :fin (text, AAAA-MM, both included)

WITH dernieres AS (
    SELECT DISTINCT ON (v.mois, v.gate)
        v.mois,
        v.gate,
        v.run_id
    FROM dq.verdict AS v
    WHERE v.mois BETWEEN CAST(:debut AS text) AND CAST(:fin AS text) AND v.regle = 'ensemble'
    ORDER BY v.mois ASC, v.gate ASC, v.rendu_le DESC
)

SELECT
    v.mois,
    v.gate,
    max(v.verdict) FILTER (WHERE v.code_caf IS NULL) AS nation,
    count(*) FILTER (WHERE v.code_caf IS NOT NULL AND v.verdict = 'avertissement') AS avertissements,
    count(*) FILTER (
        WHERE v.code_caf IS NOT NULL AND v.verdict NOT IN ('conforme', 'avertissement')
    ) AS retenues
FROM dq.verdict AS v
INNER JOIN dernieres AS d ON v.mois = d.mois AND v.gate = d.gate AND v.run_id = d.run_id
WHERE v.regle = 'ensemble' AND v.mois BETWEEN CAST(:debut AS text) AND CAST(:fin AS text)
GROUP BY v.mois, v.gate
ORDER BY v.mois DESC, v.gate ASC
