-- purpose: store measures that were computed at the source
-- grain: one row a measure, Caf, modality and class
-- inputs: none
-- parameters: :mois, :lignes (JSON: mesure, code_caf, modalite, classe, valeur)

INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, classe, valeur, mesuree_le)
SELECT
    :mois AS mois,
    l.code_caf,
    l.mesure,
    l.modalite,
    l.classe,
    l.valeur,
    CAST((SELECT suivi.maintenant()) AT TIME ZONE 'Europe/Paris' AS date) AS mesuree_le
FROM
    json_to_recordset(CAST(:lignes AS json)) AS l (
        mesure text, code_caf text, modalite text, classe integer, valeur numeric
    )
