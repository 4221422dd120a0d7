-- purpose: forget the readings of the page that are older than the setting
-- grain: one number: the readings that are gone
-- inputs: suivi.purger_lectures
-- parameters: :avant

SELECT suivi.purger_lectures(:avant) AS lectures
