-- code: champs_inverses
-- libelle: Courriel et téléphone échangés
-- protege: La qualité des coordonnées transmises : des colonnes qui ont changé de place
-- source: contrat de la source : personne.courriel, personne.telephone
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

'champs_inverses' = any(d.motifs)
