-- purpose: keep the parts of each Cpam beside the counts of a vintage: a correction compares them
-- grain: one statement each
-- inputs: core.secret_statistique
-- parameters: none

ALTER TABLE core.secret_statistique ADD COLUMN couples jsonb NOT NULL DEFAULT '{}';

ALTER TABLE core.secret_statistique DROP COLUMN rangs;
