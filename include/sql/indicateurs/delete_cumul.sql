-- purpose: make room for a running sum that is added up again from its months
-- grain: one (definition, period)
-- inputs: marts.terme_cumule
-- parameters: :code, :version, :periode

DELETE FROM marts.terme_cumule WHERE code = :code AND version = :version AND periode = :periode
