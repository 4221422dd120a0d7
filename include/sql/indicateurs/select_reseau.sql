-- purpose: the caisses and their regions, as the warehouse has them
-- grain: one row a caisse
-- inputs: marts.caf, marts.cpam
-- parameters: none

SELECT
    'caf' AS niveau,
    c.code_caf AS code,
    c.code_region
FROM marts.caf AS c
UNION ALL
SELECT
    'cpam' AS niveau,
    p.code_cpam AS code,
    p.code_region
FROM marts.cpam AS p
