-- purpose: take the people of these lines out of the published month, to be published again
-- grain: one row a person
-- inputs: core.demandeur, staging.demandeur_brut
-- parameters: :mois, :lignes (array of lines)

DELETE FROM core.demandeur AS c
USING staging.demandeur_brut AS b
WHERE
    c.mois = :mois AND b.mois = :mois AND c.id_personne = b.id_personne
    AND b.ligne = any(CAST(:lignes AS bigint[]))
