-- purpose: the caisses, their regions and their days, as the warehouse has them
-- grain: one row a caisse
-- inputs: marts.caf, marts.cpam
-- parameters: none

SELECT
    'caf' AS niveau,
    c.code_caf AS code,
    c.code_region,
    c.valable_du,
    c.valable_au,
    c.successeur
FROM marts.caf AS c
UNION ALL
SELECT
    'cpam' AS niveau,
    p.code_cpam AS code,
    p.code_region,
    p.valable_du,
    p.valable_au,
    NULL AS successeur
FROM marts.cpam AS p
