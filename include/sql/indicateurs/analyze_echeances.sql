-- purpose: tell the planner what is to be valued: it would take the table for empty
-- grain: temporary tables
-- inputs: pg_temp.echeance
-- parameters: none

ANALYZE pg_temp.echeance
