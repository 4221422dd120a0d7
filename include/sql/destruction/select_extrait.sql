-- purpose: the identifiers of the month's extract, to be compared with the objections
-- grain: one row a line of the extract that has an identifier
-- inputs: staging.demandeur_brut
-- parameters: :mois

SELECT
    b.ligne,
    b.id_personne
FROM staging.demandeur_brut AS b
WHERE b.mois = :mois AND b.id_personne IS NOT NULL
