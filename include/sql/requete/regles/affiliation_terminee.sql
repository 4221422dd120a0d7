-- code: affiliation_terminee
-- libelle: Affiliation terminée avant l'extraction
-- protege: La Caf ne transmet que ses propres allocataires
-- source: contrat de la requête nationale : écartés et comptés
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.opposition_contact = '0' AND d.affiliation_terminee = '1'
