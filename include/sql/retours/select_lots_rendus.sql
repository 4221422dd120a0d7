-- purpose: the lots of which a run judged a monthly return, by its Caf's folder or its Cpam's
-- grain: one row a lot
-- inputs: dq.profil_retours, staging.retour, marts.caf
-- parameters: :run_id

SELECT DISTINCT
    p.mois,
    r.code_caf
FROM dq.profil_retours AS p
INNER JOIN staging.retour AS r
    ON
        p.mois = r.mois AND p.forme = r.forme AND p.code_caf = r.depot AND p.code_cpam = r.code_cpam
        AND p.dernier_id >= r.id
INNER JOIN marts.caf AS c ON r.code_caf = c.code_caf
WHERE p.run_id = :run_id AND p.forme = 'mensuel'
ORDER BY p.mois, r.code_caf
