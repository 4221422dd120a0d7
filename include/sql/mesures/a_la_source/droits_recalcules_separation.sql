-- purpose: new rights linked to the month's separations that were recalculated at least once, by direction
-- grain: one row a Caf of the declaration and modality (<direction>:<children>)
-- inputs: si_allocataires: separation, droit, recalcul
-- horizon: suivi
-- compte: droits
-- modalites: indu:avec_enfants indu:sans_enfant rappel:avec_enfants rappel:sans_enfant
-- denombre: les droits nouveaux recalculés après une séparation
-- inclus_dans: indu:avec_enfants < droits_nouveaux_separation.avec_enfants ; rappel:avec_enfants <
--              droits_nouveaux_separation.avec_enfants ; indu:sans_enfant <
--              droits_nouveaux_separation.sans_enfant ; rappel:sans_enfant <
--              droits_nouveaux_separation.sans_enfant ; indu:avec_enfants <
--              recalculs_separation.indu:avec_enfants ; indu:sans_enfant <
--              recalculs_separation.indu:sans_enfant ; rappel:avec_enfants <
--              recalculs_separation.rappel:avec_enfants ; rappel:sans_enfant <
--              recalculs_separation.rappel:sans_enfant
-- parameters: :debut, :fin (first day of the month and of the next), :fin_suivi (first after the follow-up)
-- source: annexe 5, 4

SELECT
    s.code_caf,
    k.sens
    || ':' || CASE WHEN s.enfants_a_charge > 0 THEN 'avec_enfants' ELSE 'sans_enfant' END AS modalite,
    CAST(NULL AS integer) AS classe,
    count(DISTINCT r.id_droit) AS valeur
FROM separation AS s
INNER JOIN droit AS r ON s.id_separation = r.id_separation
INNER JOIN recalcul AS k ON r.id_droit = k.id_droit
WHERE
    s.date_declaration >= :debut
    AND s.date_declaration < :fin
    AND r.nouveau
    AND r.date_ouverture < :fin_suivi
    AND k.date_recalcul < :fin_suivi
    AND k.sens IN ('indu', 'rappel')
GROUP BY s.code_caf, k.sens, s.enfants_a_charge > 0
