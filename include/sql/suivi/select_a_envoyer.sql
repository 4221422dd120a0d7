-- purpose: find the messages to try now, those that waited longest first
-- grain: one message, named by its first notice
-- inputs: suivi.avis
-- parameters: :maintenant

SELECT
    a.cle,
    a.canal,
    a.destinataire
FROM suivi.avis AS a
WHERE
    a.cle = a.envoi_avec
    AND a.envoye_le IS NULL
    AND (a.prochain_essai_le IS NULL OR a.prochain_essai_le <= CAST(:maintenant AS timestamptz))
ORDER BY a.cree_le, a.cle
