-- purpose: give a room of the national team its own copy of each of the team's notices that waits
-- grain: one copy, once: false when it was there already
-- inputs: suivi.avis, suivi.aviser
-- parameters: :destinataire (the room)

SELECT
    suivi.aviser(
        concat(CAST(:destinataire AS text), '/', a.cle), :destinataire, 'apprise', a.objet, a.corps
    ) AS copie
FROM suivi.avis AS a
WHERE a.destinataire = 'equipe_nationale' AND a.canal = 'courriel' AND a.envoye_le IS NULL
ORDER BY a.cree_le, a.cle
