-- code: entonnoir_rdv_pris
-- libelle: Plus de rendez-vous pris que d'acceptations
-- protege: Les taux de la campagne : une étape ne dépasse aucune de celles qui la précèdent
-- source: contrat des retours : entonnoir de la campagne (bilans du Var et des Flandres, IT 2025-098 §1.2)
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

r.forme = 'mensuel'
AND r.rdv_pris > least(
    r.cibles, r.contactables, r.personnes_appelees, r.personnes_jointes, r.acceptations
)
