-- purpose: say that these objections are treated: nothing is left to destroy nor to drop again
-- grain: one row an objection
-- inputs: suivi.opposition
-- parameters: :empreintes (array)

UPDATE suivi.opposition AS o
SET traitee_le = suivi.maintenant()
WHERE o.empreinte = any(CAST(:empreintes AS text[])) AND o.traitee_le IS NULL AND o.lots = '[]'
