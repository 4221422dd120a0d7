-- purpose: tell the planner what is to be valued: it would take the tables for empty
-- grain: temporary tables
-- inputs: pg_temp.echeance, pg_temp.somme
-- parameters: none

ANALYZE pg_temp.echeance, pg_temp.somme
