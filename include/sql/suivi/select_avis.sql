-- purpose: read the notices of a message
-- grain: one notice, oldest first
-- inputs: suivi.avis
-- parameters: :tete

SELECT
    a.cle,
    a.destinataire,
    a.canal,
    a.objet,
    a.corps,
    a.cree_le,
    a.tentatives
FROM suivi.avis AS a
WHERE a.envoi_avec = :tete
ORDER BY a.cree_le, a.cle
