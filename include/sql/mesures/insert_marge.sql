-- purpose: keep a margin of a survey
-- grain: one row a stratum and modality
-- inputs: none
-- parameters: :enquete, :annee, :strate, :modalite, :population

INSERT INTO staging.marge_enquete (enquete, annee, strate, modalite, population)
VALUES (:enquete, :annee, :strate, :modalite, :population)
