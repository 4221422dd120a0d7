-- purpose: store a measure of the month; /*mesure*/ is replaced by the measure's own file
-- grain: one row a Caf and modality
-- inputs: the measure's own
-- parameters: :mois, :mesure

INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)
SELECT
    :mois AS mois,
    m.code_caf,
    :mesure AS mesure,
    m.modalite,
    m.valeur
FROM (/*mesure*/) AS m
