-- purpose: what was given to the people separated with children, linked to the separation, by the end of the
--          follow-up: counted where, and as, the person was first counted
-- grain: one row an information or an accompaniment
-- inputs: declarations; si_allocataires: accompagnement
-- parameters: :fin_suivi (first day after the follow-up)

SELECT
    s.id_personne,
    s.code_caf,
    a.nature
FROM declarations AS d
INNER JOIN accompagnement AS a ON d.id_separation = a.id_separation
INNER JOIN declarations AS s ON d.id_personne = s.id_personne AND s.rang = 1
WHERE
    s.enfants = 'avec_enfants'
    AND a.date_realisation < :fin_suivi
    AND a.nature IN ('information_conseil', 'accompagnement')
