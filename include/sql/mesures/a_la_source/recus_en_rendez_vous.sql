-- purpose: people separated with children in the month who had an appointment by the end of the follow-up:
--          personalised (conseil or social work, kept or not), or « rendez-vous des droits » (kept)
-- grain: one row a Caf of the declaration and kind; a person is counted once in each
-- inputs: si_allocataires: separation, rendez_vous
-- avec: declarations rendez_vous_suivis
-- horizon: suivi
-- compte: personnes
-- modalites: personnalise droits
-- denombre: les personnes séparées avec enfants reçues en rendez-vous
-- inclus_dans: chaque < separations.avec_enfants ; personnalise < rendez_vous_separation.*
-- parameters: those of what it has in common
-- source: annexe 5, 5 and 6

SELECT
    r.code_caf,
    CASE WHEN r.nature = 'droits' THEN 'droits' ELSE 'personnalise' END AS modalite,
    CAST(NULL AS integer) AS classe,
    count(DISTINCT r.id_personne) AS valeur
FROM rendez_vous_suivis AS r
WHERE r.nature IN ('gestionnaire_conseil', 'travail_social') OR (r.nature = 'droits' AND r.honore)
GROUP BY r.code_caf, CASE WHEN r.nature = 'droits' THEN 'droits' ELSE 'personnalise' END
