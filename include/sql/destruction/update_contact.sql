-- purpose: give one person, in the month's extract, the contact that the source has now
-- grain: one row a line that changed
-- inputs: staging.demandeur_brut
-- parameters: :mois, :personne (identifier), :courriel, :telephone, :code_postal, :opposition_contact

UPDATE staging.demandeur_brut AS b
SET
    courriel = :courriel,
    telephone = :telephone,
    code_postal = :code_postal,
    opposition_contact = :opposition_contact
WHERE
    b.mois = :mois AND b.id_personne = :personne
    AND (b.courriel, b.telephone, b.code_postal, b.opposition_contact)
    IS DISTINCT FROM (
        CAST(:courriel AS text), CAST(:telephone AS text), CAST(:code_postal AS text),
        CAST(:opposition_contact AS text)
    )
RETURNING b.ligne
