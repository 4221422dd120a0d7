-- purpose: write what the gate decided of a group of returns
-- grain: one row of the profile
-- inputs: dq.profil_retours
-- parameters: :run_id, :mois, :forme, :depot, :code_caf, :code_cpam, :decision

UPDATE dq.profil_retours
SET decision = :decision
WHERE
    run_id = :run_id AND mois = :mois AND forme = :forme AND depot = :depot
    AND code_caf = :code_caf AND code_cpam = :code_cpam
