-- purpose: tell, once, that a file of the reference is in force: who took it, why, its SHA-256
-- grain: one file of a set
-- inputs: none
-- parameters: :prise, :fichier, :depose, :empreinte, :acteur, :motif

INSERT INTO suivi.prise_reference (prise, fichier, depose, empreinte, acteur, motif)
VALUES (:prise, :fichier, :depose, :empreinte, :acteur, :motif)
ON CONFLICT DO NOTHING
