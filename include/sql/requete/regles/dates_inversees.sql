-- code: dates_inversees
-- libelle: Premier dépôt postérieur au dernier
-- protege: Un mois ne transmet que ses propres demandeurs : des colonnes échangées
-- source: contrat de la requête nationale : premier et dernier dépôts du mois
-- bloquante: oui
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.date_premier_depot > d.date_dernier_depot
