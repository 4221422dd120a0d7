-- purpose: how many of these people the source knows (standard SQL: the source need not be PostgreSQL)
-- grain: one row
-- inputs: si_allocataires: personne
-- parameters: :cherchees (whole numbers)

SELECT count(*) AS trouvees FROM personne WHERE id_personne IN :cherchees
