-- purpose: the Caf of several Cpam, and whether the perimeters are confirmed, by whom and when
-- grain: one row a Caf
-- inputs: suivi.perimetre_de_caf
-- parameters: :code_caf (null: all)

SELECT
    p.code_caf,
    p.libelle,
    p.empreinte,
    p.par_fichier,
    p.par_acte,
    p.change_depuis,
    p.acteur,
    p.motif,
    p.cree_le
FROM suivi.perimetre_de_caf AS p
WHERE CAST(:code_caf AS text) IS NULL OR p.code_caf = :code_caf
ORDER BY p.code_caf
