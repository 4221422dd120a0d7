-- purpose: find a definition and its month by their number, however many the planner believes there are
-- grain: a temporary table
-- inputs: pg_temp.lecture
-- parameters: none

CREATE INDEX ON lecture (numero, rang)
