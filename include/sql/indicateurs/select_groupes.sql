-- purpose: the groups of caisses, as the warehouse has them
-- grain: one row a Caf and Cpam of a group; depuis: the month from which it counts (null: the beginning)
-- inputs: marts.groupe
-- parameters: none

SELECT
    g.code_groupe,
    g.code_caf,
    g.code_cpam,
    g.depuis
FROM marts.groupe AS g
ORDER BY g.code_groupe, g.code_caf, g.code_cpam
