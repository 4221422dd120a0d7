-- code: dates_futures
-- libelle: Date postérieure à la réception
-- protege: Une destruction annoncée n'est pas une destruction faite
-- source: IT 2025-098 §2.2
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

greatest(r.date_arrete, r.date_fin_traitement, r.date_destruction) > to_char(r.recu_le_jour, 'YYYY-MM-DD')
