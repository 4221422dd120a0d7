-- purpose: separations declared in the month; who declares twice counts as they did first (rang 1)
-- grain: one row a separation
-- inputs: si_allocataires: separation
-- parameters: :debut (first day of the month), :fin (first day of the next)

SELECT
    s.id_separation,
    s.id_personne,
    s.code_caf,
    s.date_declaration,
    CASE WHEN s.enfants_a_charge > 0 THEN 'avec_enfants' ELSE 'sans_enfant' END AS enfants,
    row_number() OVER (
        PARTITION BY s.id_personne ORDER BY s.date_declaration, s.id_separation
    ) AS rang
FROM separation AS s
WHERE s.date_declaration >= :debut AND s.date_declaration < :fin
