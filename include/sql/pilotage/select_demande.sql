-- purpose: when the request last judged a Caf's month
-- grain: one row
-- inputs: dq.verdict
-- parameters: :mois, :code_caf

SELECT max(v.rendu_le) AS demande_le
FROM dq.verdict AS v
WHERE v.mois = :mois AND v.gate = 'requete' AND v.code_caf = :code_caf AND v.regle = 'ensemble'
