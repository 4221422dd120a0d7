-- purpose: every row of the month with its Caf: whose are the rows that a lot should not hold?
-- grain: one row a Caf and content
-- inputs: core.demandeur
-- parameters: :mois

SELECT DISTINCT
    d.code_caf,
    coalesce(d.courriel, '') AS courriel,
    coalesce(d.telephone, '') AS telephone,
    coalesce(d.code_postal, '') AS code_postal
FROM core.demandeur AS d
WHERE d.mois = :mois
