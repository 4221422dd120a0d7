-- purpose: new rights linked to the separations declared in the month, opened by the end of the follow-up
-- grain: one row a Caf of the declaration and modality
-- inputs: si_allocataires: separation, droit
-- avec: droits_nouveaux
-- horizon: suivi
-- compte: droits
-- modalites: avec_enfants sans_enfant
-- denombre: les droits nouveaux liés à une séparation
-- parameters: those of what it has in common
-- source: annexe 5, 3

SELECT
    d.code_caf,
    d.enfants AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM droits_nouveaux AS d
GROUP BY d.code_caf, d.enfants
