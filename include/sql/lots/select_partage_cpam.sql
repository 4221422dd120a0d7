-- purpose: the postcodes that a Caf's lot would give to each of its Cpam, and those left to share out
-- grain: one row a Cpam, and one of which code_cpam is null for the postcodes of several
-- inputs: marts.convention, marts.perimetre, marts.cpam
-- parameters: :code_caf, :jour

WITH candidate AS (
    SELECT
        p.code_postal,
        min(p.code_cpam) AS code_cpam,
        count(*) AS nb_cpam
    FROM marts.perimetre AS p
    WHERE
        p.code_cpam IN (SELECT c.code_cpam FROM marts.convention AS c WHERE c.code_caf = :code_caf)
        AND :jour BETWEEN p.valable_du AND p.valable_au
    GROUP BY p.code_postal
)

SELECT
    m.code_cpam,
    m.nom AS nom_cpam,
    array_agg(c.code_postal ORDER BY c.code_postal) AS codes_postaux
FROM candidate AS c
LEFT JOIN marts.cpam AS m ON c.code_cpam = m.code_cpam AND c.nb_cpam = 1
GROUP BY m.code_cpam, m.nom
ORDER BY m.code_cpam
