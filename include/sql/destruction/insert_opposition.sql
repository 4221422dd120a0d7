-- purpose: record an objection, by its keyed hash
-- grain: one boolean: whether it is new
-- inputs: suivi.opposer
-- parameters: :empreinte

SELECT suivi.opposer(:empreinte) AS neuve
