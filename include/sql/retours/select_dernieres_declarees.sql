-- purpose: the declared measures of a month as they were last received, judged or not: do they hold together?
-- grain: one row a key
-- inputs: staging.retour
-- parameters: :mois

SELECT DISTINCT ON (r.cle)
    r.mois,
    r.code_caf,
    r.code_cpam,
    r.mesure,
    r.modalite,
    NULL AS classe,
    r.valeur
FROM staging.retour AS r
WHERE r.mois = :mois AND r.forme = 'mesure'
ORDER BY r.cle ASC, r.id DESC
