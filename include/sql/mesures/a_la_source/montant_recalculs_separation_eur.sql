-- purpose: amounts recalculated, by the end of the follow-up, on the new rights linked to the month's
--          separations
-- grain: one row a Caf of the declaration and modality (<direction>:<children>)
-- inputs: si_allocataires: separation, droit, recalcul
-- avec: droits_nouveaux recalculs_nouveaux
-- horizon: suivi
-- compte: euros
-- modalites: indu:avec_enfants indu:sans_enfant rappel:avec_enfants rappel:sans_enfant
-- parameters: those of what it has in common
-- source: annexe 5, 4

SELECT
    r.code_caf,
    r.modalite,
    CAST(NULL AS integer) AS classe,
    sum(r.montant_eur) AS valeur
FROM recalculs_nouveaux AS r
GROUP BY r.code_caf, r.modalite
