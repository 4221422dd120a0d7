-- purpose: rights of the people who declared a separation in the month, recalculated at least once from it to
--          the end of the follow-up, by direction
-- grain: one row a Caf of the declaration and modality (<direction>:<children>)
-- inputs: si_allocataires: separation, droit, recalcul
-- avec: recalculs_suivis
-- horizon: suivi
-- compte: droits
-- modalites: indu:avec_enfants indu:sans_enfant rappel:avec_enfants rappel:sans_enfant
-- denombre: les droits des personnes séparées qui ont été recalculés
-- inclus_dans: indu:avec_enfants < droits_des_separes.avec_enfants ; indu:sans_enfant <
--              droits_des_separes.sans_enfant ; rappel:avec_enfants < droits_des_separes.avec_enfants ;
--              rappel:sans_enfant < droits_des_separes.sans_enfant ; indu:avec_enfants <
--              recalculs_des_separes.indu:avec_enfants ; indu:sans_enfant <
--              recalculs_des_separes.indu:sans_enfant ; rappel:avec_enfants <
--              recalculs_des_separes.rappel:avec_enfants ; rappel:sans_enfant <
--              recalculs_des_separes.rappel:sans_enfant ; droits_recalcules_separation.indu:avec_enfants <
--              indu:avec_enfants ; droits_recalcules_separation.indu:sans_enfant < indu:sans_enfant ;
--              droits_recalcules_separation.rappel:avec_enfants < rappel:avec_enfants ;
--              droits_recalcules_separation.rappel:sans_enfant < rappel:sans_enfant
-- parameters: those of what it has in common
-- source: annexe 5, 4; every right of the person, opened before the separation or after it

SELECT
    r.code_caf,
    r.modalite,
    CAST(NULL AS integer) AS classe,
    count(DISTINCT r.id_droit) AS valeur
FROM recalculs_suivis AS r
GROUP BY r.code_caf, r.modalite
