-- code: hors_territoire
-- libelle: Code postal d'une autre Caf
-- protege: Chaque personne est transmise par sa Caf d'affiliation
-- source: IT 2025-098 §2.1 : Caf d'affiliation ; territoire : include/reference/perimetre.csv
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.code_postal_net IS NOT NULL
AND (d.code_caf, d.code_postal_net) NOT IN (
    SELECT
        t.code_caf,
        t.code_postal
    FROM marts.territoire AS t
)
