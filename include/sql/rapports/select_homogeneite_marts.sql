-- purpose: the homogeneity of the month, complete, for the national team
-- grain: one row an indicator
-- inputs: marts.homogeneite
-- parameters: :mois

SELECT
    h.code,
    h.version,
    h.mois,
    h.valeur_nationale,
    h.mini,
    h.d1,
    h.mediane,
    h.d9,
    h.maxi,
    h.nb_attendues,
    h.nb_fournies,
    h.nb_atteint,
    h.part_atteint,
    h.atteinte_nationale,
    h.atteinte_homogeneite
FROM marts.homogeneite AS h
WHERE h.mois = :mois AND h.nb_fournies > 0
ORDER BY h.code, h.version
