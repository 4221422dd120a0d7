-- code: pivot_pour_caf
-- libelle: Caf pivot à la place de la Caf d'affiliation
-- protege: La Caf d'affiliation transmet, jamais le pivot qui gère le dossier
-- source: IT 2025-098 §2.1 : Caf d'affiliation et non Caf pivot
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.code_caf = d.code_caf_gestionnaire
AND d.code_postal_net IS NOT NULL
AND (d.code_caf, d.code_postal_net) NOT IN (
    SELECT
        t.code_caf,
        t.code_postal
    FROM marts.territoire AS t
)
