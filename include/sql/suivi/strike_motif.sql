-- purpose: strike out the reason of an event of the trace
-- grain: one boolean: false if it was already
-- inputs: suivi.rayer
-- parameters: :numero (of the event), :acteur

SELECT suivi.rayer(:numero, :acteur) AS raye
