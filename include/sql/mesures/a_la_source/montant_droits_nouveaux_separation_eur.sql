-- purpose: monthly amount of the new rights linked to the month's separations, opened by the end of the
--          follow-up
-- grain: one row a Caf of the declaration and modality
-- inputs: si_allocataires: separation, droit
-- avec: droits_nouveaux
-- horizon: suivi
-- compte: euros
-- modalites: avec_enfants sans_enfant
-- parameters: those of what it has in common
-- source: annexe 5, 3

SELECT
    d.code_caf,
    d.enfants AS modalite,
    CAST(NULL AS integer) AS classe,
    sum(d.montant_mensuel_eur) AS valeur
FROM droits_nouveaux AS d
GROUP BY d.code_caf, d.enfants
