-- purpose: make room for what this run has read of these lots
-- grain: one row a (month, run, Caf)
-- inputs: dq.profil_depots
-- parameters: :mois, :run_id, :codes (array of Caf)

DELETE FROM dq.profil_depots
WHERE mois = :mois AND run_id = :run_id AND code_caf = any(CAST(:codes AS text[]))
