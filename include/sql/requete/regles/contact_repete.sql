-- code: contact_repete
-- libelle: Mêmes courriel et téléphone qu'une autre personne du mois
-- protege: Une personne n'est appelée qu'une fois : des lignes doublées sous d'autres identifiants
-- source: contrat de la requête nationale : une ligne par personne ; un couple peut partager ses coordonnées
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

hashtextextended(d.courriel_net || ' ' || d.telephone_net, 0) IN (
    SELECT hashtextextended(autre.courriel_net || ' ' || autre.telephone_net, 0)
    FROM staging.demandeur AS autre
    WHERE autre.mois = :mois AND autre.courriel_net IS NOT NULL AND autre.telephone_net IS NOT NULL
    GROUP BY hashtextextended(autre.courriel_net || ' ' || autre.telephone_net, 0)
    HAVING count(*) > 1
)
