-- purpose: people who declared a separation in the month, with or without dependent children
-- grain: one row a Caf of the declaration and modality; who declares twice is counted once, at the first
-- inputs: si_allocataires: separation
-- horizon: suivi
-- compte: personnes
-- modalites: avec_enfants sans_enfant
-- denombre: les personnes séparées dans le mois
-- parameters: :debut, :fin (first day of the month and of the next)
-- source: annexe 5

WITH declarations AS (
    SELECT
        s.id_personne,
        s.code_caf,
        s.date_declaration,
        CASE WHEN s.enfants_a_charge > 0 THEN 'avec_enfants' ELSE 'sans_enfant' END AS enfants,
        row_number() OVER (
            PARTITION BY s.id_personne ORDER BY s.date_declaration, s.id_separation
        ) AS rang
    FROM separation AS s
    WHERE s.date_declaration >= :debut AND s.date_declaration < :fin
)

SELECT
    s.code_caf,
    s.enfants AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM declarations AS s
WHERE s.rang = 1
GROUP BY s.code_caf, s.enfants
