-- purpose: the month's lots in a few counts, for the digest
-- grain: one row: the month
-- inputs: marts.caf_du, suivi.evenement, core.publication
-- parameters: :mois

WITH etat_du_lot AS (
    SELECT DISTINCT ON (e.code_caf)
        e.code_caf,
        e.etat,
        e.motif,
        (e.preuve ->> 'lignes')::integer AS lignes
    FROM suivi.evenement AS e
    WHERE e.mois = :mois AND e.code_cpam IS NULL AND e.etat IN ('depose', 'retenu')
    ORDER BY e.code_caf ASC, e.id DESC
)

SELECT
    count(e.code_caf) FILTER (WHERE e.etat = 'depose') AS deposes,
    count(e.code_caf) FILTER (WHERE e.etat = 'depose' AND e.lignes = 0) AS vides,
    count(e.code_caf) FILTER (WHERE e.etat = 'retenu') AS retenus,
    coalesce(sum(e.lignes) FILTER (WHERE e.etat = 'depose'), 0)::integer AS personnes,
    coalesce(array_agg(c.libelle ORDER BY c.code_caf) FILTER (WHERE e.etat = 'retenu'), '{}') AS caf_retenues,
    coalesce(array_agg(e.motif ORDER BY c.code_caf) FILTER (WHERE e.etat = 'retenu'), '{}') AS motifs
FROM marts.caf_du(:mois) AS c
LEFT JOIN etat_du_lot AS e ON c.code_caf = e.code_caf
