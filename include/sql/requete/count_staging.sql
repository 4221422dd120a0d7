-- purpose: applicants of the month whose rows are still there
-- grain: one number of people
-- inputs: staging.demandeur
-- parameters: :mois

SELECT count(*) FROM staging.demandeur AS d WHERE d.mois = :mois
