-- code: contact_de_remplissage
-- libelle: Contact de remplissage (0102030405, « aucun ») à la place de celui de la personne
-- protege: La Cpam joint la personne, et non une saisie faite pour passer un formulaire
-- source: formes vues dans les saisies de formulaires ; un numéro vrai peut se répéter, d'où un avertissement
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

coalesce(
    d.courriel_net ~ '^(test|essai|aucun|sans|non|pas-?de-?(mail|courriel)|no-?mail|no-?email|inconnu|xx+|na|nc|abc)[0-9]*@',
    FALSE
)
OR coalesce(
    replace(d.telephone_net, ' ', '') IN ('0102030405', '0123456789', '0612345678', '0601020304', '0712345678')
    OR replace(d.telephone_net, ' ', '') ~ '^0[1-9](([0-9]{2})\2{3}|([0-9])\3{7})$',
    FALSE
)
