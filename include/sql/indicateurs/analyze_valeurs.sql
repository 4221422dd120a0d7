-- purpose: tell the planner what the values hold: it would take them for empty
-- grain: temporary tables
-- inputs: pg_temp.valeur
-- parameters: none

ANALYZE pg_temp.valeur
