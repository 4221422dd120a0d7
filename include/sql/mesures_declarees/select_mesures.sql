-- purpose: the declared measures of a month, to see whether they hold together
-- grain: one row a measure, Caf, Cpam, modality and class
-- inputs: marts.mesure
-- parameters: :mois, :codes (names of the declared measures)

SELECT
    m.mois,
    m.code_caf,
    m.code_cpam,
    m.mesure,
    m.modalite,
    m.classe,
    m.valeur
FROM marts.mesure AS m
WHERE m.mois = :mois AND m.mesure = any(CAST(:codes AS text[]))
