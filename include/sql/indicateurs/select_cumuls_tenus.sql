-- purpose: the running sums that the warehouse keeps
-- grain: one row a (definition, period)
-- inputs: marts.cumul_tenu
-- parameters: none

SELECT
    k.code,
    k.version,
    k.periode
FROM marts.cumul_tenu AS k
