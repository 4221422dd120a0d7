-- purpose: what is still in the outbox, by cause, way out and recipient
-- grain: one cause (null: not tried yet), way out and recipient
-- inputs: suivi.avis
-- parameters: none

SELECT
    a.derniere_erreur AS erreur,
    a.canal,
    a.destinataire,
    count(*) AS avis,
    min(a.cree_le) AS depuis
FROM suivi.avis AS a
WHERE a.envoye_le IS NULL
GROUP BY a.derniere_erreur, a.canal, a.destinataire
ORDER BY depuis, a.derniere_erreur, a.canal, a.destinataire
