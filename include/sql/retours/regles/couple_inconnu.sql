-- code: couple_inconnu
-- libelle: Cpam et Caf sans convention entre elles
-- protege: Aucun chiffre d'un échange qui n'existe pas
-- source: IT 2025-098 §2.2
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

r.code_cpam IS NOT NULL AND NOT r.couple_connu
