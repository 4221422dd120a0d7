-- purpose: note that the people of a lot are remembered
-- grain: one lot
-- inputs: suivi.lot_memorise
-- parameters: :mois, :code_caf, :version

INSERT INTO suivi.lot_memorise (mois, code_caf, version)
VALUES (:mois, :code_caf, :version)
ON CONFLICT DO NOTHING
