-- purpose: forget the objections whose legal time is over
-- grain: one row an objection
-- inputs: suivi.opposition
-- parameters: :avant

DELETE FROM suivi.opposition AS o
WHERE o.traitee_le IS NOT NULL AND o.recue_le < :avant
