-- code: telephone_absent
-- libelle: Téléphone absent
-- protege: La qualité des coordonnées transmises : une colonne vidée
-- source: contrat de la source : personne.telephone peut être vide
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.telephone_net IS NULL
AND d.opposition_contact = '0'
AND d.affiliation_terminee = '0'
AND staging.est_vide(d.telephone)
