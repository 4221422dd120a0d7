-- purpose: stop keeping a running sum that the dictionary no longer asks for, with what it gave
-- grain: one (definition, period)
-- inputs: marts.cumul_tenu, marts.terme_cumule, marts.indicateur_cumule
-- parameters: :code, :version, :periode

WITH termes AS (
    DELETE FROM marts.terme_cumule WHERE code = :code AND version = :version AND periode = :periode
),

valeurs AS (
    DELETE FROM marts.indicateur_cumule WHERE code = :code AND version = :version AND periode = :periode
)

DELETE FROM marts.cumul_tenu WHERE code = :code AND version = :version AND periode = :periode
