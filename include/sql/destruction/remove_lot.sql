-- purpose: forget a lot that was dropped again, in every objection that waited for it
-- grain: every objection
-- inputs: suivi.opposition
-- parameters: :lot (« <mois>/<code_caf> »)

UPDATE suivi.opposition AS o
SET lots = o.lots - CAST(:lot AS text)
WHERE o.lots @> to_jsonb(CAST(:lot AS text))
