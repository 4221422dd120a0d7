-- purpose: tell the planner what the new terms hold: it would take them for empty
-- grain: temporary tables
-- inputs: pg_temp.terme_nouveau
-- parameters: none

ANALYZE pg_temp.terme_nouveau
