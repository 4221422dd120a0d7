-- purpose: make room for this run's profile of the returns
-- grain: the run
-- inputs: dq.profil_retours
-- parameters: :run_id

DELETE FROM dq.profil_retours WHERE run_id = :run_id
