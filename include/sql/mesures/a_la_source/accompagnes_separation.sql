-- purpose: people separated with children in the month who were informed or accompanied, linked to the
--          separation, by the end of the follow-up
-- grain: one row a Caf of the declaration and nature; a person is counted once in each
-- inputs: si_allocataires: separation, accompagnement
-- avec: declarations accompagnements_suivis
-- horizon: suivi
-- compte: personnes
-- modalites: information_conseil accompagnement
-- denombre: les personnes séparées avec enfants informées ou accompagnées
-- inclus_dans: chaque < separations.avec_enfants ; information_conseil <
--              accompagnements_separation.information_conseil ; accompagnement <
--              accompagnements_separation.accompagnement
-- parameters: those of what it has in common
-- source: annexe 5, 8 and 9

SELECT
    a.code_caf,
    a.nature AS modalite,
    CAST(NULL AS integer) AS classe,
    count(DISTINCT a.id_personne) AS valeur
FROM accompagnements_suivis AS a
GROUP BY a.code_caf, a.nature
