-- purpose: months whose declared figures this run has changed
-- grain: one row a month
-- inputs: staging.retour
-- parameters: :depot (the folder: what is below it is its own too), :run_id

SELECT DISTINCT r.mois FROM staging.retour AS r
WHERE
    (r.depot = :depot OR starts_with(r.depot, :depot || '/'))
    AND r.run_id = :run_id
ORDER BY r.mois
