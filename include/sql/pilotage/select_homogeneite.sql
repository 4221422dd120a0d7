-- purpose: the spread of an indicator between caisses, and both verdicts
-- grain: one row
-- inputs: marts.homogeneite
-- parameters: :code, :version, :mois

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
WHERE h.code = :code AND h.version = :version AND h.mois = :mois
