-- code: opposition_transmise
-- libelle: Coordonnées d'une personne qui s'est opposée
-- protege: Le droit d'opposition
-- source: L.114-8 II du code des relations entre le public et l'administration
-- bloquante: oui
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.opposition_contact IS DISTINCT FROM '0'
AND (d.courriel IS NOT NULL OR d.telephone IS NOT NULL OR d.code_postal IS NOT NULL)
