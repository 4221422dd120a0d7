-- code: sans_contact
-- libelle: Ni courriel ni téléphone utilisable
-- protege: La Caf sait combien de personnes elle doit joindre autrement
-- source: contrat de la requête nationale : écartés et comptés
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.opposition_contact = '0'
AND d.affiliation_terminee = '0'
AND d.courriel_net IS NULL
AND d.telephone_net IS NULL
