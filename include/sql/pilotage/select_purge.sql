-- purpose: the last certificate of destruction here
-- grain: one row
-- inputs: suivi.evenement
-- parameters: none

SELECT max(e.cree_le) AS purge_le
FROM suivi.evenement AS e
WHERE e.etat = 'expire' AND e.code_cpam IS NULL
