-- purpose: read a run's profile of the request
-- grain: one row a Caf
-- inputs: dq.profil_requete
-- parameters: :mois, :run_id

SELECT
    p.code_caf,
    p.connue,
    p.lignes,
    p.comptes
FROM dq.profil_requete AS p
WHERE p.mois = :mois AND p.run_id = :run_id
ORDER BY p.code_caf
