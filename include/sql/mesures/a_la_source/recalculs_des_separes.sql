-- purpose: recalculations, from the separation to the end of the follow-up, of any right of the people who
--          declared one in the month
-- grain: one row a Caf of the declaration and modality (<direction>:<children>)
-- inputs: si_allocataires: separation, droit, recalcul
-- horizon: suivi
-- compte: recalculs
-- modalites: indu:avec_enfants indu:sans_enfant rappel:avec_enfants rappel:sans_enfant
-- denombre: les recalculs de droits des personnes séparées
-- inclus_dans: recalculs_separation.indu:avec_enfants < indu:avec_enfants ;
--              recalculs_separation.indu:sans_enfant < indu:sans_enfant ;
--              recalculs_separation.rappel:avec_enfants < rappel:avec_enfants ;
--              recalculs_separation.rappel:sans_enfant < rappel:sans_enfant
-- parameters: :debut, :fin (first day of the month and of the next), :fin_suivi (first after the follow-up)
-- source: annexe 5, 4; every right of the person, opened before the separation or after it

SELECT
    s.code_caf,
    k.sens
    || ':' || CASE WHEN s.enfants_a_charge > 0 THEN 'avec_enfants' ELSE 'sans_enfant' END AS modalite,
    CAST(NULL AS integer) AS classe,
    count(DISTINCT k.id_recalcul) AS valeur
FROM separation AS s
INNER JOIN droit AS r ON s.id_personne = r.id_personne
INNER JOIN recalcul AS k ON r.id_droit = k.id_droit
WHERE
    s.date_declaration >= :debut
    AND s.date_declaration < :fin
    AND r.date_ouverture < :fin_suivi
    AND k.date_recalcul >= s.date_declaration
    AND k.date_recalcul < :fin_suivi
    AND k.sens IN ('indu', 'rappel')
GROUP BY s.code_caf, k.sens, s.enfants_a_charge > 0
