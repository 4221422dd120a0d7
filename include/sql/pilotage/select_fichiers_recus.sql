-- purpose: what became of the files that the Caf put into their folders, newest first
-- grain: one row a file
-- inputs: suivi.fichier_recu, marts.caf
-- parameters: :code_caf (null: all)

SELECT
    f.code_caf,
    coalesce(c.libelle, f.code_caf) AS libelle,
    f.nom,
    f.issue,
    f.detail,
    f.recu_le
FROM suivi.fichier_recu AS f
LEFT JOIN marts.caf AS c ON f.code_caf = c.code_caf
WHERE CAST(:code_caf AS text) IS NULL OR f.code_caf = :code_caf
ORDER BY f.recu_le DESC, f.code_caf ASC, f.nom ASC
LIMIT 100
