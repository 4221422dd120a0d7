-- purpose: applicants of the published month
-- grain: one number of people
-- inputs: core.publication
-- parameters: :mois

SELECT p.demandeurs FROM core.publication AS p WHERE p.mois = :mois
