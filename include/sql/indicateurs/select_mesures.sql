-- purpose: the measures that some months read, for the engine that checks this one
-- grain: one row a (month, caisse, measure, modality, class)
-- inputs: marts.mesure
-- parameters: :mois, :mesures (pairs: a month and a measure that it reads)

SELECT
    m.mois,
    m.code_caf,
    m.code_cpam,
    m.mesure,
    m.modalite,
    m.classe,
    m.valeur,
    m.mesuree_le
FROM unnest(CAST(:mois AS text[]), CAST(:mesures AS text[])) AS l (mois, mesure)
INNER JOIN marts.mesure AS m ON l.mois = m.mois AND l.mesure = m.mesure
