-- purpose: new rights linked to the month's separations, opened by the end of the follow-up
-- grain: one row a right
-- inputs: si_allocataires: separation, droit
-- parameters: :debut, :fin (first day of the month and of the next), :fin_suivi (first after the follow-up)

SELECT
    s.code_caf,
    CASE WHEN s.enfants_a_charge > 0 THEN 'avec_enfants' ELSE 'sans_enfant' END AS enfants,
    CASE
        WHEN r.prestation IN ('ASF', 'RSA', 'PPA', 'AF', 'CF', 'AB', 'CMG') THEN r.prestation
        WHEN r.prestation IN ('AL', 'APL', 'ALF', 'ALS') THEN 'AL'
        ELSE 'autres'
    END AS prestation,
    r.id_droit,
    r.montant_mensuel_eur
FROM separation AS s
INNER JOIN droit AS r ON s.id_separation = r.id_separation
WHERE
    s.date_declaration >= :debut
    AND s.date_declaration < :fin
    AND r.nouveau
    AND r.date_ouverture < :fin_suivi
