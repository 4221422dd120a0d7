-- purpose: the files that one reception did not take
-- grain: one row a Caf
-- inputs: suivi.fichier_recu, marts.caf
-- parameters: :instant (the instant of the reception)

SELECT
    f.code_caf,
    coalesce(max(c.libelle), f.code_caf) AS libelle,
    count(*) AS nombre
FROM suivi.fichier_recu AS f
LEFT JOIN marts.caf AS c ON f.code_caf = c.code_caf
WHERE f.recu_le = CAST(:instant AS timestamptz) AND f.issue <> 'pris'
GROUP BY f.code_caf
ORDER BY f.code_caf
