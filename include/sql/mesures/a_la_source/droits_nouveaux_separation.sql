-- purpose: new rights linked to the separations declared in the month, opened by the end of the follow-up
-- grain: one row a Caf of the declaration and modality
-- inputs: si_allocataires: separation, droit
-- horizon: suivi
-- compte: droits
-- modalites: avec_enfants sans_enfant
-- denombre: les droits nouveaux liés à une séparation
-- parameters: :debut, :fin (first day of the month and of the next), :fin_suivi (first after the follow-up)
-- source: annexe 5, 3

SELECT
    s.code_caf,
    CASE WHEN s.enfants_a_charge > 0 THEN 'avec_enfants' ELSE 'sans_enfant' END AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM separation AS s
INNER JOIN droit AS r ON s.id_separation = r.id_separation
WHERE
    s.date_declaration >= :debut
    AND s.date_declaration < :fin
    AND r.nouveau
    AND r.date_ouverture < :fin_suivi
GROUP BY s.code_caf, CASE WHEN s.enfants_a_charge > 0 THEN 'avec_enfants' ELSE 'sans_enfant' END
