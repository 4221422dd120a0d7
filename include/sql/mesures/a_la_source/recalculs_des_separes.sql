-- purpose: recalculations, from the separation to the end of the follow-up, of any right of the people who
--          declared one in the month
-- grain: one row a Caf of the declaration and modality (<direction>:<children>)
-- inputs: si_allocataires: separation, droit, recalcul
-- avec: recalculs_suivis
-- horizon: suivi
-- compte: recalculs
-- modalites: indu:avec_enfants indu:sans_enfant rappel:avec_enfants rappel:sans_enfant
-- denombre: les recalculs de droits des personnes séparées
-- inclus_dans: recalculs_separation.indu:avec_enfants < indu:avec_enfants ;
--              recalculs_separation.indu:sans_enfant < indu:sans_enfant ;
--              recalculs_separation.rappel:avec_enfants < rappel:avec_enfants ;
--              recalculs_separation.rappel:sans_enfant < rappel:sans_enfant
-- parameters: those of what it has in common
-- source: annexe 5, 4; every right of the person, opened before the separation or after it

SELECT
    r.code_caf,
    r.modalite,
    CAST(NULL AS integer) AS classe,
    count(DISTINCT r.id_recalcul) AS valeur
FROM recalculs_suivis AS r
GROUP BY r.code_caf, r.modalite
