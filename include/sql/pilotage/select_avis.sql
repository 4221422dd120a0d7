-- purpose: notices and reminders to a recipient, newest first; no text
-- grain: one row a notice
-- inputs: suivi.avis
-- parameters: :destinataire

SELECT
    a.objet,
    a.cree_le,
    a.envoye_le,
    a.tentatives
FROM suivi.avis AS a
WHERE a.destinataire = :destinataire
ORDER BY a.cree_le DESC
LIMIT 20
