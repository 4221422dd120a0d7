-- purpose: the months that this run has measured, to be told
-- grain: one row a month
-- inputs: staging.mois_mesure
-- parameters: :run_id

SELECT m.mois FROM staging.mois_mesure AS m
WHERE m.run_id = :run_id
ORDER BY m.mois
