-- purpose: keep a lot's manifest as long as the trace
-- grain: one manifest, once
-- inputs: suivi.manifeste
-- parameters: :mois, :code_caf, :version, :empreinte, :contenu

INSERT INTO suivi.manifeste (mois, code_caf, version, empreinte, contenu)
VALUES (:mois, :code_caf, :version, :empreinte, :contenu)
ON CONFLICT (mois, code_caf, version, empreinte) DO NOTHING
