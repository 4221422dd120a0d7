-- purpose: national values of the month's measures, for the summary
-- grain: one row a measure and modality
-- inputs: marts.mesure
-- parameters: :mois

SELECT
    m.mesure,
    m.modalite,
    sum(m.valeur) AS valeur
FROM marts.mesure AS m
WHERE m.mois = :mois
GROUP BY m.mesure, m.modalite
