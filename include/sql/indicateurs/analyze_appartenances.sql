-- purpose: tell the planner in how many territories each unit counts: it would take the table for empty
-- grain: temporary tables
-- inputs: pg_temp.appartenance
-- parameters: none

ANALYZE pg_temp.appartenance
