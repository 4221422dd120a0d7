-- purpose: keep what an authority answered on a seal
-- grain: one row a seal, once
-- inputs: suivi.jeton
-- parameters: :scelle_pour, :jeton

INSERT INTO suivi.jeton (scelle_pour, jeton) VALUES (:scelle_pour, :jeton)
ON CONFLICT (scelle_pour) DO NOTHING
