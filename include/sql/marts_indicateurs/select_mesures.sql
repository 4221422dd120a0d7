-- purpose: the measures of some months, for the engine that checks this one
-- grain: one row a (month, caisse, measure, modality, class)
-- inputs: marts.mesure
-- parameters: :mois (several)

SELECT
    m.mois,
    m.code_caf,
    m.code_cpam,
    m.mesure,
    m.modalite,
    m.classe,
    m.valeur
FROM marts.mesure AS m
WHERE m.mois = any(:mois)
