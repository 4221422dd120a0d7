-- purpose: people who declared a separation in the month, with or without dependent children
-- grain: one row a Caf of the declaration and modality; who declares twice is counted once, at the first
-- inputs: si_allocataires: separation
-- avec: declarations
-- horizon: suivi
-- compte: personnes
-- modalites: avec_enfants sans_enfant
-- denombre: les personnes séparées dans le mois
-- parameters: those of what it has in common
-- source: annexe 5

SELECT
    s.code_caf,
    s.enfants AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM declarations AS s
WHERE s.rang = 1
GROUP BY s.code_caf, s.enfants
