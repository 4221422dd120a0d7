-- purpose: information given and accompaniments of people separated with children in the month, linked to the
--          separation, by the end of the follow-up
-- grain: one row a Caf of the declaration and nature
-- inputs: si_allocataires: separation, accompagnement
-- avec: declarations accompagnements_suivis
-- horizon: suivi
-- compte: accompagnements
-- modalites: information_conseil accompagnement
-- denombre: les informations et accompagnements liés à une séparation
-- parameters: those of what it has in common
-- source: annexe 5, 8 and 9

SELECT
    a.code_caf,
    a.nature AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM accompagnements_suivis AS a
GROUP BY a.code_caf, a.nature
