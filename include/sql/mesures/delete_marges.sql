-- purpose: make room for the margins of a survey
-- grain: the survey and year
-- inputs: staging.marge_enquete
-- parameters: :enquete, :annee

DELETE FROM staging.marge_enquete WHERE enquete = :enquete AND annee = :annee
