-- code: identite_dupliquee
-- libelle: La même personne figure plusieurs fois dans le mois
-- protege: Une personne n'est appelée qu'une fois
-- source: contrat de la requête nationale : une ligne par personne
-- bloquante: oui
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.id_personne IN (
    SELECT autre.id_personne
    FROM staging.demandeur AS autre
    WHERE autre.mois = :mois AND autre.id_personne IS NOT NULL
    GROUP BY autre.id_personne
    HAVING count(*) > 1
)
