-- purpose: what waits in the outbox, and what was refused there
-- grain: one row
-- inputs: suivi.avis
-- parameters: none

SELECT
    count(*) FILTER (WHERE a.envoye_le IS NULL) AS en_attente,
    min(a.cree_le) FILTER (WHERE a.envoye_le IS NULL) AS depuis,
    count(*) FILTER (WHERE a.envoye_le IS NULL AND a.tentatives > 0) AS refuses,
    max(a.derniere_erreur) FILTER (WHERE a.envoye_le IS NULL) AS derniere_erreur,
    max(a.envoye_le) AS parti_le
FROM suivi.avis AS a
