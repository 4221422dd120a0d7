-- purpose: read the margins of a survey
-- grain: one row a stratum and modality
-- inputs: staging.marge_enquete
-- parameters: :enquete, :annee

SELECT
    m.strate,
    m.modalite,
    m.population
FROM staging.marge_enquete AS m
WHERE m.enquete = :enquete AND m.annee = :annee
ORDER BY m.strate, m.modalite
