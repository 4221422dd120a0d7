-- purpose: recalculations, by the end of the follow-up, of the new rights linked to the month's
--          separations
-- grain: one row a Caf of the declaration and modality (<direction>:<children>)
-- inputs: si_allocataires: separation, droit, recalcul
-- horizon: suivi
-- compte: recalculs
-- modalites: indu:avec_enfants indu:sans_enfant rappel:avec_enfants rappel:sans_enfant
-- denombre: les recalculs de droits nouveaux après une séparation
-- parameters: :debut, :fin (first day of the month and of the next), :fin_suivi (first after the follow-up)
-- source: annexe 5, 4

SELECT
    s.code_caf,
    k.sens
    || ':' || CASE WHEN s.enfants_a_charge > 0 THEN 'avec_enfants' ELSE 'sans_enfant' END AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
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
