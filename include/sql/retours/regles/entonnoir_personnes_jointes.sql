-- code: entonnoir_personnes_jointes
-- libelle: Plus de personnes jointes que d'appelées
-- protege: Les taux de la campagne : une étape ne dépasse aucune de celles qui la précèdent
-- source: contrat des retours : entonnoir de la campagne (bilans du Var et des Flandres, IT 2025-098 §1.2)
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

r.forme = 'mensuel' AND r.personnes_jointes > least(r.cibles, r.contactables, r.personnes_appelees)
