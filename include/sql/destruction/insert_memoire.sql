-- purpose: remember who was transmitted
-- grain: one row a person and month; none where it is known
-- inputs: suivi.memoire_transmission
-- parameters: :mois, :empreintes (array of keyed hashes)

INSERT INTO suivi.memoire_transmission (mois, empreinte)
SELECT
    :mois AS mois,
    e.empreinte
FROM unnest(CAST(:empreintes AS text[])) AS e (empreinte)
ON CONFLICT DO NOTHING
