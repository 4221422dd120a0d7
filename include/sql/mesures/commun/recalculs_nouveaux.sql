-- purpose: recalculations, by the end of the follow-up, of the new rights; modality: <direction>:<children>
-- grain: one row a recalculation
-- inputs: droits_nouveaux; si_allocataires: recalcul
-- parameters: :fin_suivi (first day after the follow-up)

SELECT
    d.code_caf,
    k.sens || ':' || d.enfants AS modalite,
    d.id_droit,
    k.montant_eur
FROM droits_nouveaux AS d
INNER JOIN recalcul AS k ON d.id_droit = k.id_droit
WHERE k.date_recalcul < :fin_suivi AND k.sens IN ('indu', 'rappel')
