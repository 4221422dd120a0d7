-- purpose: leave these lines out of the month
-- grain: one row a line of the extract
-- inputs: staging.deja_transmis
-- parameters: :mois, :lignes (array of lines)

INSERT INTO staging.deja_transmis (mois, ligne)
SELECT
    :mois AS mois,
    l.ligne
FROM unnest(CAST(:lignes AS bigint[])) AS l (ligne)
