-- code: opposition
-- libelle: Personne qui s'oppose à être contactée
-- protege: Le droit d'opposition : une part anormale dit une colonne inversée
-- source: R.114-9-6 s. du CRPA ; contrat de la source : personne.opposition_contact
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.opposition_contact = '1'
