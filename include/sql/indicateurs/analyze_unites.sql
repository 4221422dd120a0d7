-- purpose: tell the planner what the units hold: it would take the table for empty
-- grain: temporary tables
-- inputs: pg_temp.unite
-- parameters: none

ANALYZE pg_temp.unite
