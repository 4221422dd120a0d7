-- code: identite_dupliquee
-- libelle: La même personne figure plusieurs fois dans le mois
-- protege: Une personne n'est appelée qu'une fois
-- source: contrat de la requête nationale : une ligne par personne
-- bloquante: oui
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

EXISTS (
    SELECT FROM staging.demandeur AS autre
    WHERE autre.mois = d.mois AND autre.id_personne = d.id_personne AND autre.ligne <> d.ligne
)
