-- purpose: the rules that the month's last judgements found not to be kept
-- grain: one row a gate, rule and Caf (null: the nation)
-- inputs: dq.verdict, marts.caf
-- avec: dernieres
-- parameters: :mois, :code_caf (null: all)

SELECT
    v.gate,
    v.regle,
    v.severite,
    v.verdict,
    v.nombre,
    v.code_caf,
    c.libelle
FROM dq.verdict AS v
INNER JOIN dernieres AS d ON v.gate = d.gate AND v.run_id = d.run_id
LEFT JOIN marts.caf AS c ON v.code_caf = c.code_caf
WHERE
    v.mois = :mois AND v.regle <> 'ensemble' AND v.verdict <> 'conforme'
    AND (CAST(:code_caf AS text) IS NULL OR v.code_caf = :code_caf)
ORDER BY v.gate, v.regle, v.code_caf NULLS FIRST
