-- purpose: usable contacts of the cleaned month
-- grain: one number of values, e-mails and telephones
-- inputs: staging.demandeur (cleaned month)
-- parameters: :mois

SELECT count(d.courriel_net) + count(d.telephone_net) AS contacts
FROM staging.demandeur AS d
WHERE d.mois = :mois
