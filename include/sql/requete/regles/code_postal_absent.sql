-- code: code_postal_absent
-- libelle: Code postal absent
-- protege: L'attribution à une Cpam : une colonne vidée
-- source: contrat de la source : dossier.code_postal peut être vide
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.code_postal_net IS NULL
AND d.opposition_contact = '0'
AND d.affiliation_terminee = '0'
AND staging.est_vide(d.code_postal)
