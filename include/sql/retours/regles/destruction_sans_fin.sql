-- code: destruction_sans_fin
-- libelle: Destruction sans date de fin de traitement
-- protege: Le délai d'un mois après traitement ne se compte qu'avec les deux dates
-- source: IT 2025-098 §2.2
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

r.date_destruction IS NOT NULL AND r.date_fin_traitement IS NULL
