-- purpose: the homogeneity of the month, complete: of one definition, or of each that a caisse gave
-- grain: one row an indicator
-- inputs: marts.homogeneite
-- parameters: :mois, :code, :version (null: all)

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
WHERE
    h.mois = :mois
    AND (
        (CAST(:code AS text) IS NULL AND h.nb_fournies > 0)
        OR (h.code = :code AND h.version = CAST(:version AS integer))
    )
ORDER BY h.code, h.version
