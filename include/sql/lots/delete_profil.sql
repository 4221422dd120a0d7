-- purpose: make room for this run's profile of the lots
-- grain: the month and run
-- inputs: dq.profil_depots
-- parameters: :mois, :run_id

DELETE FROM dq.profil_depots WHERE mois = :mois AND run_id = :run_id
