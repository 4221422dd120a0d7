-- purpose: how many of these people the warehouse holds, whatever the month
-- grain: one row
-- inputs: staging.demandeur_brut, staging.demandeur, core.demandeur
-- parameters: :identifiants (text[])

SELECT count(*) AS trouvees
FROM unnest(CAST(:identifiants AS text[])) AS i (id_personne)
WHERE
    EXISTS (SELECT FROM staging.demandeur_brut AS b WHERE b.id_personne = i.id_personne)
    OR EXISTS (SELECT FROM staging.demandeur AS d WHERE d.id_personne = i.id_personne)
    OR EXISTS (SELECT FROM core.demandeur AS c WHERE c.id_personne = i.id_personne)
