-- purpose: make room for a run's quarantine: a replay leaves nothing of the former counts
-- grain: the month and run
-- inputs: dq.quarantaine
-- parameters: :mois, :run_id

DELETE FROM dq.quarantaine
WHERE mois = :mois AND run_id = :run_id
