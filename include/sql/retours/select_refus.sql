-- purpose: the files that one reception did not take
-- grain: one row a Caf
-- inputs: suivi.fichier_recu, marts.caf
-- parameters: :instant (of the reception)

WITH refus AS (
    SELECT
        f.code_caf,
        count(*) AS nombre
    FROM suivi.fichier_recu AS f
    WHERE f.recu_le = :instant AND f.issue <> 'pris'
    GROUP BY f.code_caf
)

SELECT
    r.code_caf,
    r.nombre,
    coalesce(c.libelle, r.code_caf) AS libelle
FROM refus AS r
LEFT JOIN marts.caf AS c ON r.code_caf = c.code_caf
ORDER BY r.code_caf
