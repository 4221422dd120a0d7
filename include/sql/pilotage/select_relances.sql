-- purpose: the last reminders, newest first; no text
-- grain: one row a reminder
-- inputs: suivi.avis
-- parameters: none

SELECT
    a.destinataire,
    a.objet,
    a.cree_le,
    a.envoye_le
FROM suivi.avis AS a
WHERE a.cle LIKE 'relance/%' OR a.cle LIKE 'certificat/%'
ORDER BY a.cree_le DESC
LIMIT 50
