-- purpose: what became of each derogation in the month's last judgements
-- grain: one row a gate, rule and Caf that an entry names
-- inputs: dq.verdict
-- avec: dernieres
-- parameters: :mois

SELECT
    v.gate,
    v.regle,
    v.code_caf,
    v.verdict,
    split_part(v.derogation, ' : ', 1) AS effet
FROM dq.verdict AS v
INNER JOIN dernieres AS d ON v.gate = d.gate AND v.run_id = d.run_id
WHERE v.mois = :mois AND v.derogation IS NOT NULL AND v.code_caf IS NOT NULL
