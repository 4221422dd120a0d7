-- purpose: admit the figures of the national folder that were just kept: their shape was checked, and no gate
--          judges them again
-- grain: one row a figure
-- inputs: staging.retour
-- parameters: :depot (the folder), :run_id

UPDATE staging.retour
SET verdict = 'conforme', run_id = :run_id
WHERE depot = :depot AND verdict IS NULL
