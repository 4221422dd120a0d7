-- code: telephone_inutilisable
-- libelle: Téléphone renseigné mais inutilisable
-- protege: La qualité des coordonnées transmises
-- source: IT 2025-098 §1.2 : 79 numéros valides et autorisés sur 111 dans le Var en 2023
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.telephone_net IS NULL AND NOT staging.est_vide(d.telephone)
