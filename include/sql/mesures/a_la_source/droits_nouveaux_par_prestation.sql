-- purpose: benefits of the new rights linked to the month's separations, opened by the end of the
--          follow-up
-- grain: one row a Caf of the declaration and modality (<benefit>:<children>): those that the
--        instruction names, the rest as « autres »
-- inputs: si_allocataires: separation, droit
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
-- parameters: :debut, :fin (first day of the month and of the next), :fin_suivi (first after the follow-up)
-- source: annexe 5, 3; the benefits are those of LR 2023-001

SELECT
    s.code_caf,
    CASE
        WHEN r.prestation IN ('ASF', 'RSA', 'PPA', 'AF', 'CF', 'AB', 'CMG') THEN r.prestation
        WHEN r.prestation IN ('AL', 'APL', 'ALF', 'ALS') THEN 'AL'
        ELSE 'autres'
    END
    || ':' || CASE WHEN s.enfants_a_charge > 0 THEN 'avec_enfants' ELSE 'sans_enfant' END AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM separation AS s
INNER JOIN droit AS r ON s.id_separation = r.id_separation
WHERE
    s.date_declaration >= :debut
    AND s.date_declaration < :fin
    AND r.nouveau
    AND r.date_ouverture < :fin_suivi
GROUP BY s.code_caf, modalite
