-- purpose: record that a message did not leave, and when it is tried again
-- grain: one notice of the message
-- inputs: suivi.avis
-- parameters: :tete, :erreur, :prochain, :essai (1, or 0 when no server was asked)

UPDATE suivi.avis
SET
    tentatives = tentatives + CAST(:essai AS integer),
    prochain_essai_le = CAST(:prochain AS timestamptz),
    derniere_erreur = :erreur
WHERE envoi_avec = :tete
