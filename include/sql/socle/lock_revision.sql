-- purpose: let one migration at a time change the warehouse, until the end of the transaction
-- grain: one row
-- inputs: none
-- parameters: none

SELECT pg_advisory_xact_lock(hashtextextended('aller_vers/migrations', 0));
