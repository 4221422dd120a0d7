-- purpose: take these lines out of the cleaned month, to be cleaned again
-- grain: one row a line
-- inputs: staging.demandeur
-- parameters: :mois, :lignes (array of lines)

DELETE FROM staging.demandeur AS d
WHERE d.mois = :mois AND d.ligne = any(CAST(:lignes AS bigint[]))
