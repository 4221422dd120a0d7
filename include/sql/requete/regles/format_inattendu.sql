-- code: format_inattendu
-- libelle: Valeur qui n'a pas la forme du contrat
-- protege: La lecture de l'extrait : une colonne qui a changé de place ou de forme
-- source: contrat de la source : identifiant sans espace ni arobase, dates AAAA-MM-JJ, nombres entiers
-- bloquante: oui
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.id_personne LIKE '%@%'
OR d.id_personne LIKE '_% _%'
OR d.date_premier_depot NOT LIKE '____-__-__'
OR d.date_dernier_depot NOT LIKE '____-__-__'
OR (d.demandes_ajpa NOT IN ('0', '1', '2') AND d.demandes_ajpa !~ '^[0-9]+$')
OR (d.demandes_ajpp NOT IN ('0', '1', '2') AND d.demandes_ajpp !~ '^[0-9]+$')
OR (d.demandes_autres <> '0' AND d.demandes_autres !~ '^[0-9]+$')
