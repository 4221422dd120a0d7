-- purpose: store a measure of the month; mesure_du_fichier is replaced by the measure's own file
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
FROM mesure_du_fichier AS m
