-- purpose: keep a running sum from now on
-- grain: one (definition, period)
-- inputs: none
-- parameters: :code, :version, :periode

INSERT INTO marts.cumul_tenu (code, version, periode) VALUES (:code, :version, :periode)
