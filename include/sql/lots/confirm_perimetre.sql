-- purpose: record that a person confirms the perimeters of a Caf's Cpam as they read them, or takes it back
-- grain: one act; false when it is said already
-- inputs: suivi.confirmer_perimetre
-- parameters: :code_caf, :confirme, :empreinte, :acteur, :motif

SELECT suivi.confirmer_perimetre(:code_caf, :confirme, :empreinte, :acteur, :motif)
