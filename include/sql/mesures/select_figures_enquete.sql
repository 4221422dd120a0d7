-- purpose: the figures of a survey that stand: those that a new file no longer gives are withdrawn
-- grain: one row a Caf and modality
-- inputs: staging.retour_courant
-- parameters: :depot (the folder of surveys), :mesure, :periode

SELECT
    r.code_caf,
    r.modalite
FROM staging.retour_courant AS r
WHERE
    r.forme = 'mesure'
    AND r.depot = :depot
    AND r.mesure = :mesure
    AND r.periode = :periode
    AND r.valeur IS NOT NULL
ORDER BY r.code_caf, r.modalite
