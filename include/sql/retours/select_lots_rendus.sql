-- purpose: the lots of which a run judged a monthly return, by its Caf's folder or its Cpam's
-- grain: one row a lot
-- inputs: dq.profil_retours, marts.caf
-- parameters: :run_id

SELECT DISTINCT
    p.mois,
    p.code_caf
FROM dq.profil_retours AS p
INNER JOIN marts.caf AS c ON p.code_caf = c.code_caf
WHERE p.run_id = :run_id AND p.forme = 'mensuel'
ORDER BY p.mois, p.code_caf
