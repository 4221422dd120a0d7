-- purpose: benefits of the new rights linked to the month's separations, opened by the end of the
--          follow-up
-- grain: one row a Caf of the declaration and modality (<benefit>:<children>): those that the
--        instruction names, the rest as « autres »
-- inputs: si_allocataires: separation, droit
-- avec: droits_nouveaux
-- horizon: suivi
-- compte: droits
-- modalites: ASF:avec_enfants ASF:sans_enfant
--            RSA:avec_enfants RSA:sans_enfant
--            PPA:avec_enfants PPA:sans_enfant
--            AL:avec_enfants AL:sans_enfant
--            AF:avec_enfants AF:sans_enfant
--            CF:avec_enfants CF:sans_enfant
--            AB:avec_enfants AB:sans_enfant
--            CMG:avec_enfants CMG:sans_enfant
--            autres:avec_enfants autres:sans_enfant
-- denombre: les droits nouveaux liés à une séparation, par prestation
-- somme: ASF:avec_enfants + RSA:avec_enfants + PPA:avec_enfants + AL:avec_enfants + AF:avec_enfants +
--        CF:avec_enfants + AB:avec_enfants + CMG:avec_enfants + autres:avec_enfants =
--        droits_nouveaux_separation.avec_enfants ; ASF:sans_enfant + RSA:sans_enfant + PPA:sans_enfant +
--        AL:sans_enfant + AF:sans_enfant + CF:sans_enfant + AB:sans_enfant + CMG:sans_enfant +
--        autres:sans_enfant = droits_nouveaux_separation.sans_enfant
-- parameters: those of what it has in common
-- source: annexe 5, 3; the benefits are those of LR 2023-001

SELECT
    d.code_caf,
    d.prestation || ':' || d.enfants AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM droits_nouveaux AS d
GROUP BY d.code_caf, d.prestation, d.enfants
