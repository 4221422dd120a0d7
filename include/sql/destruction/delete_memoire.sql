-- purpose: forget who was transmitted, past the delay or for people who object
-- grain: one row a person and month
-- inputs: suivi.memoire_transmission
-- parameters: :avant (month; null: none), :empreintes (array of keyed hashes)

DELETE FROM suivi.memoire_transmission AS m
WHERE m.mois < CAST(:avant AS text) OR m.empreinte = any(CAST(:empreintes AS text[]))
