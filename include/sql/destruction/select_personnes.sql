-- purpose: the identifiers of every person that a month's tables hold, to be compared with objections
-- grain: one row a person and table
-- inputs: staging.demandeur_brut, staging.demandeur, core.demandeur
-- parameters: :mois

SELECT b.id_personne FROM staging.demandeur_brut AS b WHERE b.mois = :mois AND b.id_personne IS NOT NULL
UNION ALL
SELECT d.id_personne FROM staging.demandeur AS d WHERE d.mois = :mois AND d.id_personne IS NOT NULL
UNION ALL
SELECT d.id_personne FROM core.demandeur AS d WHERE d.mois = :mois
