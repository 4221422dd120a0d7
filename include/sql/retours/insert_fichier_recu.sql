-- purpose: keep what became of a received file; the same again the same day adds nothing
-- grain: one row, or none
-- inputs: suivi.fichier_recu
-- parameters: :cle, :code_caf, :fichier, :issue, :detail (the shape, or the reason of the refusal), :sujets,
-- :recu_le

INSERT INTO suivi.fichier_recu (cle, code_caf, nom, issue, detail, sujets, recu_le)
VALUES (:cle, :code_caf, :fichier, :issue, :detail, :sujets, :recu_le)
ON CONFLICT (cle) DO NOTHING
