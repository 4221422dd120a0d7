-- code: transmission_inconnue
-- libelle: Retour d'un lot dont aucune transmission n'est connue
-- protege: La trace : la Cpam ne traite que ce qui lui a été transmis
-- source: IT 2025-098 §2.1 ; contrat de la trace
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

r.forme = 'mensuel' AND r.transmis IS NULL
