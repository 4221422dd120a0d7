-- purpose: the spread between the Caf whose values everybody may read, over the year that the month closes
-- grain: one row an indicator
-- inputs: diffusion.homogeneite
-- parameters: :mois

SELECT
    h.code,
    h.version,
    h.mois,
    h.mini,
    h.d1,
    h.mediane,
    h.d9,
    h.maxi,
    h.nb_caf,
    h.nb_atteint
FROM diffusion.homogeneite AS h
WHERE h.mois = :mois AND h.portee = 'public'
ORDER BY h.code, h.version
