-- purpose: the local conventions, without which nothing is exchanged
-- grain: one row a Caf, Cpam and period
-- inputs: marts.convention
-- parameters: none
-- source: IT 2025-098 §2.2

SELECT
    c.code_caf,
    c.code_cpam,
    c.date_debut,
    c.date_fin
FROM marts.convention AS c
