-- purpose: rights, opened by the end of the follow-up, of the people who declared a separation in the month
-- grain: one row a Caf of the declaration and modality (<children>)
-- inputs: si_allocataires: separation, droit
-- horizon: suivi
-- compte: droits
-- modalites: avec_enfants sans_enfant
-- denombre: les droits des personnes séparées
-- inclus_dans: droits_nouveaux_separation.avec_enfants < avec_enfants ;
--              droits_nouveaux_separation.sans_enfant < sans_enfant
-- parameters: :debut, :fin (first day of the month and of the next), :fin_suivi (first after the follow-up)
-- source: annexe 5, 4; every right of the person, opened before the separation or after it

SELECT
    s.code_caf,
    CASE WHEN s.enfants_a_charge > 0 THEN 'avec_enfants' ELSE 'sans_enfant' END AS modalite,
    CAST(NULL AS integer) AS classe,
    count(DISTINCT r.id_droit) AS valeur
FROM separation AS s
INNER JOIN droit AS r ON s.id_personne = r.id_personne
WHERE
    s.date_declaration >= :debut
    AND s.date_declaration < :fin
    AND r.date_ouverture < :fin_suivi
GROUP BY s.code_caf, s.enfants_a_charge > 0
