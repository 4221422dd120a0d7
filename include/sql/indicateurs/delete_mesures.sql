-- purpose: make room for measures of the month
-- grain: the month and measures
-- inputs: marts.mesure
-- parameters: :mois, :mesures (array), :gardees (array: Caf whose rows stay as they are)

DELETE FROM marts.mesure
WHERE
    mois = :mois AND mesure = any(CAST(:mesures AS text[]))
    AND (code_caf IS NULL OR NOT code_caf = any(CAST(:gardees AS text[])))
