-- purpose: make room for a measure of the month
-- grain: the month and measure
-- inputs: marts.mesure
-- parameters: :mois, :mesure, :gardees (array: Caf whose rows stay as they are)

DELETE FROM marts.mesure
WHERE
    mois = :mois AND mesure = :mesure
    AND (code_caf IS NULL OR NOT code_caf = any(CAST(:gardees AS text[])))
