-- purpose: what waits in the outbox, and what was refused there
-- grain: one row
-- inputs: suivi.avis
-- parameters: none

SELECT
    count(*) AS en_attente,
    min(a.cree_le) AS depuis,
    count(*) FILTER (WHERE a.tentatives > 0) AS refuses,
    max(a.derniere_erreur) AS derniere_erreur,
    (SELECT max(b.envoye_le) FROM suivi.avis AS b) AS parti_le
FROM suivi.avis AS a
WHERE a.envoye_le IS NULL
