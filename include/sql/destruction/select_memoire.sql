-- purpose: who was transmitted in these months
-- grain: one row a person, by keyed hash
-- inputs: suivi.memoire_transmission
-- parameters: :debut, :mois (the first month, and the one after the last)

SELECT DISTINCT m.empreinte FROM suivi.memoire_transmission AS m
WHERE m.mois >= :debut AND m.mois < :mois
