-- purpose: agents of the perimeter of the separation path present at the end of the month, trained or not
-- grain: one row a Caf that has such agents, and modality
-- inputs: si_allocataires: agent
-- horizon: mois
-- compte: agents
-- modalites: formes non_formes
-- zeros: non
-- parameters: :fin (first day after the month)
-- source: annexe 5, 7

SELECT
    a.code_caf,
    m.modalite,
    CAST(NULL AS integer) AS classe,
    count(*) FILTER (WHERE coalesce(a.date_formation < :fin, FALSE) = m.forme) AS valeur
FROM agent AS a
CROSS JOIN (VALUES ('formes', TRUE), ('non_formes', FALSE)) AS m (modalite, forme)
WHERE
    a.en_perimetre_separation
    AND a.date_entree < :fin
    AND (a.date_sortie IS NULL OR a.date_sortie >= :fin)
GROUP BY a.code_caf, m.modalite
