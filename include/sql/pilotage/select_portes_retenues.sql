-- purpose: the months that a gate holds for the whole nation, by its last judgement
-- grain: one row a month and gate, oldest first
-- inputs: dq.verdict, suivi.destruction
-- parameters: none

WITH dernieres AS (
    SELECT DISTINCT ON (v.mois, v.gate)
        v.mois,
        v.gate,
        v.verdict,
        v.rendu_le
    FROM dq.verdict AS v
    WHERE v.code_caf IS NULL AND v.regle = 'ensemble'
    ORDER BY v.mois ASC, v.gate ASC, v.rendu_le DESC
)

SELECT
    d.mois,
    d.gate,
    d.rendu_le
FROM dernieres AS d
WHERE
    d.verdict IN ('retenu', 'non_evalue')
    AND NOT EXISTS (SELECT FROM suivi.destruction AS x WHERE x.mois = d.mois AND x.code_caf = 'FR')
ORDER BY d.rendu_le, d.mois, d.gate
