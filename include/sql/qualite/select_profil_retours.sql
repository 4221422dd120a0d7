-- purpose: read this run's profile of the returns
-- grain: one row a month, shape, folder, Caf and Cpam
-- inputs: dq.profil_retours
-- parameters: :run_id

SELECT
    p.mois,
    p.forme,
    p.depot,
    p.code_caf,
    p.code_cpam,
    p.dernier_id,
    p.lignes,
    p.comptes,
    p.decision
FROM dq.profil_retours AS p
WHERE p.run_id = :run_id
ORDER BY p.mois, p.forme, p.depot, p.code_caf, p.code_cpam
