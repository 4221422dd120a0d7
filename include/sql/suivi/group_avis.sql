-- purpose: decide which waiting notices leave together: those of one recipient, once and for all
-- grain: one notice that had no group yet
-- inputs: suivi.avis
-- parameters: none

UPDATE suivi.avis AS a
SET envoi_avec = groupe.tete
FROM (
    SELECT
        n.cle,
        first_value(n.cle) OVER (PARTITION BY n.canal, n.destinataire ORDER BY n.cree_le, n.cle) AS tete
    FROM suivi.avis AS n
    WHERE n.envoye_le IS NULL AND n.envoi_avec IS NULL
) AS groupe
WHERE a.cle = groupe.cle
