-- purpose: personalised appointments (conseil, social work) of the people separated with children in the
--          month, from the declaration to the end of the follow-up, kept or not
-- grain: one row a Caf of the declaration and nature
-- inputs: si_allocataires: separation, rendez_vous
-- avec: declarations rendez_vous_suivis
-- horizon: suivi
-- compte: rendez-vous
-- modalites: gestionnaire_conseil travail_social
-- denombre: les rendez-vous personnalisés après une séparation
-- parameters: those of what it has in common
-- source: annexe 5, 5

SELECT
    r.code_caf,
    r.nature AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM rendez_vous_suivis AS r
WHERE r.nature IN ('gestionnaire_conseil', 'travail_social')
GROUP BY r.code_caf, r.nature
