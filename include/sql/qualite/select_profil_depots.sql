-- purpose: read a run's profile of the lots
-- grain: one row a Caf
-- inputs: dq.profil_depots
-- parameters: :mois, :run_id

SELECT
    p.code_caf,
    p.comptes
FROM dq.profil_depots AS p
WHERE p.mois = :mois AND p.run_id = :run_id
ORDER BY p.code_caf
