-- code: depot_hors_mois
-- libelle: Date de dépôt hors du mois
-- protege: Un mois ne transmet que ses propres demandeurs
-- source: IT 2025-098 §2.1 : extraction mensuelle
-- bloquante: oui
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.date_premier_depot IS NULL
OR d.date_dernier_depot IS NULL
OR left(d.date_premier_depot, 7) <> d.mois
OR left(d.date_dernier_depot, 7) <> d.mois
