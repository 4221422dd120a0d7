-- purpose: conventions that have ended or soon do, and that no signed one follows
-- grain: one row a Caf and Cpam, first to end first
-- inputs: marts.convention, marts.cpam, marts.caf
-- parameters: :jour, :fin (last day on which an end is told)

WITH derniere AS (
    SELECT DISTINCT ON (k.code_caf, k.code_cpam)
        k.code_caf,
        k.code_cpam,
        k.date_fin
    FROM marts.convention AS k
    WHERE k.date_signature IS NOT NULL OR k.exemple
    ORDER BY k.code_caf ASC, k.code_cpam ASC, k.date_fin DESC NULLS FIRST
)

SELECT
    d.code_caf,
    c.libelle,
    d.code_cpam,
    m.nom AS nom_cpam,
    d.date_fin
FROM derniere AS d
INNER JOIN marts.caf AS c ON d.code_caf = c.code_caf
INNER JOIN marts.cpam AS m ON d.code_cpam = m.code_cpam
WHERE
    d.date_fin <= CAST(:fin AS date)
    -- None is to follow where one of the two caisses merges on that day, or has merged since.
    AND d.date_fin < least(c.valable_au, m.valable_au)
    AND CAST(:jour AS date) <= least(c.valable_au, m.valable_au)
ORDER BY d.date_fin, d.code_caf, d.code_cpam
