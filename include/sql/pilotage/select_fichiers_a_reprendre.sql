-- purpose: received files that were not taken, and that nothing of the same name has replaced since
-- grain: one row a Caf and name, oldest first
-- inputs: suivi.fichier_recu
-- parameters: none

WITH dernier AS (
    SELECT DISTINCT ON (f.code_caf, f.nom)
        f.code_caf,
        f.nom,
        f.issue,
        f.detail,
        f.recu_le
    FROM suivi.fichier_recu AS f
    ORDER BY f.code_caf ASC, f.nom ASC, f.recu_le DESC
)

SELECT
    d.code_caf,
    d.nom,
    d.issue,
    d.detail,
    d.recu_le
FROM dernier AS d
WHERE d.issue <> 'pris'
ORDER BY d.recu_le, d.code_caf, d.nom
