-- purpose: the monthly seals that an authority has dated
-- grain: one row a seal; its month first
-- inputs: suivi.jeton
-- parameters: :scelle_pour (null: every month)

SELECT
    j.scelle_pour,
    j.jeton
FROM suivi.jeton AS j
WHERE CAST(:scelle_pour AS text) IS NULL OR j.scelle_pour = :scelle_pour
ORDER BY j.scelle_pour
