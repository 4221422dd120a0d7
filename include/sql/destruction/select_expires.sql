-- purpose: the lots and months whose destruction a run certified
-- grain: one row a lot, or a month (code_caf FR)
-- inputs: suivi.evenement
-- parameters: :run_id

SELECT
    e.mois,
    e.code_caf
FROM suivi.evenement AS e
WHERE
    e.etat = 'expire' AND e.code_cpam IS NULL
    AND coalesce(e.preuve ->> 'achevee_par', e.preuve ->> 'execution') = :run_id
ORDER BY e.mois, e.code_caf
