-- code: dates_dans_le_desordre
-- libelle: Dates du traitement dans le désordre
-- protege: La preuve de la destruction : transmission, fin du traitement, destruction, dans cet ordre
-- source: IT 2025-098 §2.2
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

r.date_fin_traitement < r.transmis_le
OR r.date_destruction < r.date_fin_traitement
OR r.date_arrete < r.transmis_le
