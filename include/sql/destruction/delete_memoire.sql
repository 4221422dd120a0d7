-- purpose: forget who was transmitted, past the delay or for people who object
-- grain: one row a person and month
-- inputs: suivi.memoire_transmission, suivi.lot_memorise
-- parameters: :avant (month; null: none), :empreintes (array of keyed hashes)

WITH oublies AS (
    DELETE FROM suivi.lot_memorise AS l
    WHERE l.mois < CAST(:avant AS text)
)

DELETE FROM suivi.memoire_transmission AS m
WHERE m.mois < CAST(:avant AS text) OR m.empreinte = any(CAST(:empreintes AS text[]))
