-- purpose: the nation's attainment and points of the month, by axis and as a whole, for the national team
-- grain: one row an axis or « ensemble »
-- inputs: marts.score
-- parameters: :mois

SELECT
    s.axe,
    s.nb_indicateurs,
    s.nb_atteints,
    s.nb_quasi_atteints,
    s.nb_non_atteints,
    s.nb_non_fournis,
    s.taux,
    s.points_obtenus,
    s.points_possibles
FROM marts.score AS s
WHERE s.mois = :mois AND s.niveau = 'national'
ORDER BY s.axe
