-- purpose: nothing is written to the source, whatever the rights of its user; a month is looked up by index
--          even where the whole table would seem as cheap, so that history costs nothing
-- grain: the transaction
-- inputs: none
-- parameters: none

SELECT
    set_config('transaction_read_only', 'on', true) AS lecture_seule,
    set_config('random_page_cost', '1.1', true) AS cout_d_un_acces
