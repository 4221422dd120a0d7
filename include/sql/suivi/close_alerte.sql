-- purpose: close an alert
-- grain: one (subject, month, Caf, rule)
-- inputs: suivi.alerte
-- parameters: :sujet, :mois, :code_caf, :regle

DELETE FROM suivi.alerte
WHERE sujet = :sujet AND mois = :mois AND code_caf = :code_caf AND regle = :regle
