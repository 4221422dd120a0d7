-- purpose: the published homogeneity of the month
-- grain: one row an indicator
-- inputs: diffusion.homogeneite_courante
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
FROM diffusion.homogeneite_courante AS h
WHERE h.mois = :mois
ORDER BY h.code, h.version
