-- code: code_postal_inconnu
-- libelle: Code postal renseigné mais inconnu
-- protege: L'attribution à une Cpam
-- source: contrat de la requête nationale : un mauvais code postal n'écarte personne
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.code_postal_net IS NULL AND NOT staging.est_vide(d.code_postal)
