-- purpose: record who released or kept a held lot, and why
-- grain: one decision; false when it was taken already
-- inputs: suivi.decider
-- parameters: :mois, :code_caf, :decision, :acteur, :motif, :regles (JSON text: what the person saw), :seuil
--             (people above which a release needs a second person; null: never)

SELECT suivi.decider(
    :mois, :code_caf, :decision, :acteur, CAST(:motif AS text), CAST(:regles AS jsonb),
    CAST(:seuil AS integer)
) AS nouvelle
