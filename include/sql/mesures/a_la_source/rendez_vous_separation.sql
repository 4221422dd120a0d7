-- purpose: personalised appointments (conseil, social work) of the people separated with children in the
--          month, from the declaration to the end of the follow-up, kept or not
-- grain: one row a Caf of the declaration and nature
-- inputs: si_allocataires: separation, rendez_vous
-- horizon: suivi
-- compte: rendez-vous
-- modalites: gestionnaire_conseil travail_social
-- denombre: les rendez-vous personnalisés après une séparation
-- parameters: :debut, :fin (first day of the month and of the next), :fin_suivi (first after the follow-up)
-- source: annexe 5, 5

WITH declarations AS (
    SELECT
        s.id_separation,
        s.id_personne,
        s.code_caf,
        s.date_declaration,
        s.enfants_a_charge > 0 AS avec_enfants,
        row_number() OVER (
            PARTITION BY s.id_personne ORDER BY s.date_declaration, s.id_separation
        ) AS rang
    FROM separation AS s
    WHERE s.date_declaration >= :debut AND s.date_declaration < :fin
),

rendez_vous_suivis AS (
    SELECT
        s.id_personne,
        s.code_caf,
        r.nature,
        r.honore
    FROM declarations AS s
    INNER JOIN rendez_vous AS r
        ON
            s.id_personne = r.id_personne
            AND s.date_declaration <= r.date_rendez_vous
            -- implied, and what finds them by index
            AND r.date_rendez_vous >= :debut
            AND r.date_rendez_vous < :fin_suivi
    WHERE
        s.rang = 1
        AND s.avec_enfants
        -- linked to a separation of the month, or to none
        AND (
            r.id_separation IS NULL
            OR r.id_separation IN (SELECT d.id_separation FROM declarations AS d)
        )
)

SELECT
    r.code_caf,
    r.nature AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM rendez_vous_suivis AS r
WHERE r.nature IN ('gestionnaire_conseil', 'travail_social')
GROUP BY r.code_caf, r.nature
