-- purpose: remember which lots an objection that is being treated has to drop again
-- grain: every objection under treatment
-- inputs: suivi.opposition
-- parameters: :empreintes (array), :lots (JSON text: array of « <mois>/<code_caf> »)

UPDATE suivi.opposition AS o
SET
    lots = (
        SELECT coalesce(jsonb_agg(DISTINCT l.lot ORDER BY l.lot), '[]')
        FROM jsonb_array_elements_text(o.lots || CAST(:lots AS jsonb)) AS l (lot)
    )
WHERE o.empreinte = any(CAST(:empreintes AS text[]))
