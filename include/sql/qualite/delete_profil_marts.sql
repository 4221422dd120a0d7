-- purpose: make room for a run's profile of the marts
-- grain: the month and run
-- inputs: dq.profil_marts
-- parameters: :mois, :run_id

DELETE FROM dq.profil_marts WHERE mois = :mois AND run_id = :run_id
