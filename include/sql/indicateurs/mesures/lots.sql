-- purpose: lots of the month: expected, and standing on the share
-- grain: one row a Caf and modality: attendus, deposes, vides, retenus
-- inputs: core.publication, marts.caf_du, suivi.evenement
-- horizon: transmission
-- compte: lots
-- parameters: :mois

WITH etat_du_lot AS (
    SELECT DISTINCT ON (e.code_caf)
        e.code_caf,
        e.etat,
        (e.preuve ->> 'lignes')::integer AS lignes
    FROM suivi.evenement AS e
    WHERE e.mois = :mois AND e.etat IN ('depose', 'retenu') AND e.code_cpam IS NULL
    ORDER BY e.code_caf ASC, e.id DESC
)

SELECT
    c.code_caf,
    m.modalite,
    CASE m.modalite
        WHEN 'attendus' THEN 1
        WHEN 'deposes' THEN coalesce((e.etat = 'depose')::integer, 0)
        WHEN 'vides' THEN coalesce((e.etat = 'depose' AND e.lignes = 0)::integer, 0)
        ELSE coalesce((e.etat = 'retenu')::integer, 0)
    END AS valeur
FROM marts.caf_du(:mois) AS c
CROSS JOIN (VALUES ('attendus'), ('deposes'), ('vides'), ('retenus')) AS m (modalite)
LEFT JOIN etat_du_lot AS e ON c.code_caf = e.code_caf
-- a month recomputed without dropping keeps the lots that it dropped before
WHERE
    EXISTS (SELECT FROM core.publication AS p WHERE p.mois = :mois AND p.depot)
    OR EXISTS (SELECT FROM etat_du_lot)
