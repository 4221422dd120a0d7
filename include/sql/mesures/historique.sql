-- purpose: a measure of many months in one statement: each month reads its own days
-- grain: one row a month, and what the measure's own file gives
-- inputs: the measure's file, its parameters being the columns of its month
-- parameters: :periodes (JSON: one object a month, the parameters of its file)

SELECT
    periode.mois,
    m.code_caf,
    m.modalite,
    m.classe,
    m.valeur
FROM
    json_to_recordset(CAST(:periodes AS json)) AS periode (
        mois text,
        debut date,
        fin date,
        fin_suivi date,
        mois_suivi integer,
        debut_douze_mois date,
        debut_reiteration date,
        jours_reiteration integer
    )
CROSS JOIN mesure_du_fichier AS m
