-- purpose: give each return that was judged its verdict; what came since waits for the next run
-- grain: the returns of this run's profile
-- inputs: staging.retour, staging.retour_a_juger, dq.profil_retours
-- parameters: :run_id

UPDATE staging.retour AS r
SET verdict = p.decision, run_id = :run_id
FROM dq.profil_retours AS p
WHERE
    p.run_id = :run_id AND p.decision IS NOT NULL
    AND r.mois = p.mois AND r.forme = p.forme AND r.depot = p.depot
    AND coalesce(r.code_caf, '') = p.code_caf AND coalesce(r.code_cpam, '') = p.code_cpam
    AND r.id <= p.dernier_id
    AND r.verdict IS DISTINCT FROM p.decision
    AND r.id IN (SELECT a.id FROM staging.retour_a_juger AS a)
