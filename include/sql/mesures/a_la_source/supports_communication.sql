-- purpose: communication supports handed out in the month
-- grain: one row a Caf and recipient
-- inputs: si_allocataires: support_communication
-- horizon: mois
-- compte: supports
-- modalites: allocataires partenaires
-- zeros: non
-- parameters: :mois
-- source: annexe 5, 10

SELECT
    s.code_caf,
    s.destinataire AS modalite,
    CAST(NULL AS integer) AS classe,
    sum(s.nombre) AS valeur
FROM support_communication AS s
WHERE s.mois = :mois
GROUP BY s.code_caf, s.destinataire
