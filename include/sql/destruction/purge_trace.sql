-- purpose: purge the trace that is older than its legal time
-- grain: one number: the events that are gone
-- inputs: suivi.purger_trace
-- parameters: :avant

SELECT suivi.purger_trace(:avant) AS evenements
