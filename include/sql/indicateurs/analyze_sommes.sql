-- purpose: tell the planner what the sums hold: it would take the table for empty
-- grain: temporary tables
-- inputs: pg_temp.somme
-- parameters: none

ANALYZE pg_temp.somme
