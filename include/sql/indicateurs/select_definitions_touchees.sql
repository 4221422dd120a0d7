-- purpose: the definitions whose terms change this month: their later cumulated values change with them
-- grain: one row a definition
-- inputs: pg_temp.ecart
-- parameters: none

SELECT DISTINCT
    e.code,
    e.version
FROM ecart AS e
