-- purpose: recalculations, from the separation to the end of the follow-up, of any right of people who
--          declared one in the month; modality: <direction>:<children>
-- grain: one row a separation and recalculation
-- inputs: si_allocataires: separation, droit, recalcul
-- parameters: :debut, :fin (first day of the month and of the next), :fin_suivi (first after the follow-up)

SELECT
    s.code_caf,
    k.sens
    || ':' || CASE WHEN s.enfants_a_charge > 0 THEN 'avec_enfants' ELSE 'sans_enfant' END AS modalite,
    r.id_droit,
    k.id_recalcul
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
