-- code: courriel_inutilisable
-- libelle: Courriel renseigné mais inutilisable
-- protege: La qualité des coordonnées transmises
-- source: IT 2025-098 §1.2 : 122 courriels valides sur 175 dans le Var en 2024
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.courriel_net IS NULL AND NOT staging.est_vide(d.courriel)
