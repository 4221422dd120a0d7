-- purpose: notices and reminders to a recipient, newest first, with the text that was sent
-- grain: one row a notice
-- inputs: suivi.avis
-- parameters: :destinataire

SELECT
    a.objet,
    a.cree_le,
    a.envoye_le,
    a.tentatives,
    a.corps
FROM suivi.avis AS a
WHERE a.destinataire = :destinataire
ORDER BY a.cree_le DESC
LIMIT 20
