-- purpose: record that a server accepted a message
-- grain: one notice of the message
-- inputs: suivi.avis
-- parameters: :tete, :maintenant, :erreur (null unless some addresses were refused)

UPDATE suivi.avis
SET
    tentatives = tentatives + 1,
    envoye_le = CAST(:maintenant AS timestamptz),
    prochain_essai_le = NULL,
    derniere_erreur = CAST(:erreur AS text)
WHERE envoi_avec = :tete
