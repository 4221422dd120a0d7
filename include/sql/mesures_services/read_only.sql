-- purpose: nothing is written to the source, whatever the rights of its user
-- grain: the transaction
-- inputs: none
-- parameters: none

SELECT set_config('transaction_read_only', 'on', true) AS lecture_seule
