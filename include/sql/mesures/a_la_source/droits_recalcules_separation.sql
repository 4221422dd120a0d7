-- purpose: new rights linked to the month's separations that were recalculated at least once, by direction
-- grain: one row a Caf of the declaration and modality (<direction>:<children>)
-- inputs: si_allocataires: separation, droit, recalcul
-- avec: droits_nouveaux recalculs_nouveaux
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
-- parameters: those of what it has in common
-- source: annexe 5, 4

SELECT
    r.code_caf,
    r.modalite,
    CAST(NULL AS integer) AS classe,
    count(DISTINCT r.id_droit) AS valeur
FROM recalculs_nouveaux AS r
GROUP BY r.code_caf, r.modalite
