-- code: deja_le_mois_precedent
-- libelle: Personne qui était déjà dans le mois précédent
-- protege: Un mois n'est pas la copie du précédent
-- source: contrat de la requête nationale ; comparaison faite tant que les deux mois sont dans staging
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

d.id_personne IN (
    SELECT avant.id_personne
    FROM staging.demandeur AS avant
    WHERE avant.mois = :mois_precedent AND avant.id_personne IS NOT NULL
)
