-- purpose: conventions that end around today and that none follows
-- grain: one row a Caf and Cpam, first to end first
-- inputs: marts.convention, marts.cpam
-- parameters: :debut, :fin (days, both included)

WITH derniere AS (
    SELECT DISTINCT ON (k.code_caf, k.code_cpam)
        k.code_caf,
        k.code_cpam,
        k.date_fin
    FROM marts.convention AS k
    ORDER BY k.code_caf ASC, k.code_cpam ASC, k.date_fin DESC NULLS FIRST
)

SELECT
    d.code_caf,
    d.date_fin,
    m.nom AS nom_cpam
FROM derniere AS d
INNER JOIN marts.cpam AS m ON d.code_cpam = m.code_cpam
WHERE d.date_fin BETWEEN CAST(:debut AS date) AND CAST(:fin AS date)
ORDER BY d.date_fin, d.code_caf, d.code_cpam
