-- purpose: store a measure of the month; mesure_du_fichier is replaced by the measure's own file
-- grain: one row a Caf, Cpam, modality and class, as far as the measure has them
-- inputs: the measure's own: code_caf, code_cpam, modalite, classe (any of them may be left out), valeur
-- parameters: :mois, :mesure, :gardees (array: Caf whose rows stay as they are)

INSERT INTO marts.mesure (mois, code_caf, code_cpam, mesure, modalite, classe, valeur)
SELECT
    :mois AS mois,
    to_jsonb(m) ->> 'code_caf' AS code_caf,
    to_jsonb(m) ->> 'code_cpam' AS code_cpam,
    :mesure AS mesure,
    to_jsonb(m) ->> 'modalite' AS modalite,
    CAST(to_jsonb(m) ->> 'classe' AS integer) AS classe,
    m.valeur
FROM mesure_du_fichier AS m
WHERE NOT coalesce(to_jsonb(m) ->> 'code_caf' = any(CAST(:gardees AS text[])), FALSE)
