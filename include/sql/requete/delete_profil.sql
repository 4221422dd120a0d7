-- purpose: make room for this run's profile of the month
-- grain: the month and run
-- inputs: dq.profil_requete
-- parameters: :mois, :run_id

DELETE FROM dq.profil_requete WHERE mois = :mois AND run_id = :run_id
