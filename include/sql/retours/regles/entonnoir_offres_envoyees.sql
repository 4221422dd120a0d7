-- code: entonnoir_offres_envoyees
-- libelle: Plus d'offres envoyées que de cibles
-- protege: Le premier pas de la campagne : on n'écrit qu'aux personnes du lot
-- source: contrat des retours : entonnoir de la campagne (bilans du Var et des Flandres, IT 2025-098 §1.2)
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

r.forme = 'mensuel' AND r.offres_envoyees > r.cibles
