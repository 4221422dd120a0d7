-- purpose: note that the month's indicators were computed
-- grain: one month
-- inputs: none
-- parameters: :mois

INSERT INTO marts.calcul (mois, calcule_le) VALUES (:mois, suivi.maintenant())
ON CONFLICT (mois) DO UPDATE SET calcule_le = excluded.calcule_le
