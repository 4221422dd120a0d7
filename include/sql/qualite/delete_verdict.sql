-- purpose: make room for a run's verdict at a gate
-- grain: the month, gate and run
-- inputs: dq.verdict
-- parameters: :mois, :gate, :run_id

DELETE FROM dq.verdict WHERE mois = :mois AND gate = :gate AND run_id = :run_id
