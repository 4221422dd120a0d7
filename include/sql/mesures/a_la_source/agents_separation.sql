-- purpose: agents of the perimeter of the separation path present at the end of the month, trained or not
-- grain: one row a Caf and modality
-- inputs: si_allocataires: agent
-- horizon: mois
-- compte: agents
-- modalites: formes non_formes
-- parameters: :fin (first day after the month)
-- source: annexe 5, 7

SELECT
    a.code_caf,
    CASE WHEN a.date_formation < :fin THEN 'formes' ELSE 'non_formes' END AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM agent AS a
WHERE
    a.en_perimetre_separation
    AND a.date_entree < :fin
    AND (a.date_sortie IS NULL OR a.date_sortie >= :fin)
GROUP BY a.code_caf, CASE WHEN a.date_formation < :fin THEN 'formes' ELSE 'non_formes' END
