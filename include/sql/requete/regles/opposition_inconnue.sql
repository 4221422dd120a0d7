-- code: opposition_inconnue
-- libelle: Opposition ou fin d'affiliation inconnue
-- protege: Le droit d'opposition : sans réponse, rien n'est transmis
-- source: contrat de la source : personne.opposition_contact ; L.114-8 II du CRPA
-- bloquante: oui
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

coalesce(d.opposition_contact, '') NOT IN ('0', '1') OR coalesce(d.affiliation_terminee, '') NOT IN ('0', '1')
