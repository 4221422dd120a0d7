-- purpose: tell the planner what the definitions and readings hold: it would take them for empty
-- grain: temporary tables
-- inputs: pg_temp.definition, pg_temp.lecture, pg_temp.retard
-- parameters: none

ANALYZE pg_temp.definition, pg_temp.lecture, pg_temp.retard
