-- purpose: make of these lines what the source gives of people who object: no contact, counted
-- grain: one row a line of the extract
-- inputs: staging.demandeur_brut
-- parameters: :mois, :lignes (array of lines)

UPDATE staging.demandeur_brut AS b
SET opposition_contact = '1', courriel = NULL, telephone = NULL, code_postal = NULL
WHERE b.mois = :mois AND b.ligne = any(CAST(:lignes AS bigint[]))
