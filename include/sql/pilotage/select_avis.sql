-- purpose: notices and reminders, newest first, with the text that was sent
-- grain: one row a notice
-- inputs: suivi.avis
-- parameters: :destinataire (null: everybody), :rappels (only what reminds), :nombre

SELECT
    a.cle,
    a.destinataire,
    a.objet,
    a.cree_le,
    a.envoye_le,
    a.tentatives,
    a.derniere_erreur,
    a.demande_par,
    a.corps
FROM suivi.avis AS a
WHERE
    (CAST(:destinataire AS text) IS NULL OR a.destinataire = :destinataire)
    AND (NOT :rappels OR a.cle LIKE 'relance/%' OR a.cle LIKE 'certificat/%')
ORDER BY a.cree_le DESC, a.cle ASC
LIMIT :nombre
