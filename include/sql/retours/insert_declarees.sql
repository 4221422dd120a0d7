-- purpose: store the declared measures of the month's returns, each under its own name
-- grain: one row a measure, Caf, Cpam and modality or class
-- inputs: staging.retour_courant
-- parameters: :mois, :codes (measures whose modality is a class of a histogram)

INSERT INTO marts.mesure (mois, code_caf, code_cpam, mesure, modalite, classe, valeur)
SELECT
    r.mois,
    r.code_caf,
    r.code_cpam,
    r.mesure,
    CASE WHEN r.mesure <> all(CAST(:codes AS text[])) THEN r.modalite END AS modalite,
    CASE WHEN r.mesure = any(CAST(:codes AS text[])) THEN r.modalite::integer END AS classe,
    r.valeur
FROM staging.retour_courant AS r
WHERE r.mois = :mois AND r.forme = 'mesure' AND r.valeur IS NOT NULL
