-- purpose: every objection that stands
-- grain: one row an objection: its keyed hash, whether it still has to be treated, the lots to drop again
-- inputs: suivi.opposition
-- parameters: none

SELECT
    o.empreinte,
    o.traitee_le IS NULL AS a_traiter,
    o.lots
FROM suivi.opposition AS o
ORDER BY o.recue_le, o.empreinte
