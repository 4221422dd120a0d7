-- purpose: information given and accompaniments of people separated with children in the month, linked to the
--          separation, by the end of the follow-up
-- grain: one row a Caf of the declaration and nature
-- inputs: si_allocataires: separation, accompagnement
-- horizon: suivi
-- compte: accompagnements
-- modalites: information_conseil accompagnement
-- denombre: les informations et accompagnements liés à une séparation
-- parameters: :debut, :fin (first day of the month and of the next), :fin_suivi (first after the follow-up)
-- source: annexe 5, 8 and 9

WITH declarations AS (
    SELECT
        s.id_separation,
        s.id_personne,
        s.code_caf,
        s.enfants_a_charge > 0 AS avec_enfants,
        row_number() OVER (
            PARTITION BY s.id_personne ORDER BY s.date_declaration, s.id_separation
        ) AS rang
    FROM separation AS s
    WHERE s.date_declaration >= :debut AND s.date_declaration < :fin
)

SELECT
    s.code_caf,
    a.nature AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM declarations AS d
INNER JOIN accompagnement AS a ON d.id_separation = a.id_separation
-- counted where, and as, the person was first counted
INNER JOIN declarations AS s ON d.id_personne = s.id_personne AND s.rang = 1
WHERE
    s.avec_enfants
    AND a.date_realisation < :fin_suivi
    AND a.nature IN ('information_conseil', 'accompagnement')
GROUP BY s.code_caf, a.nature
