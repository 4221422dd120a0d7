-- code: identite_absente
-- libelle: Demandeur sans identifiant
-- protege: La trace et la destruction d'une personne
-- source: contrat de la source : personne.id_personne
-- bloquante: oui
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

staging.est_vide(d.id_personne)
