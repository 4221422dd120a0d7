-- purpose: the Caf whose lot this run has not read back; all of them once it has judged them, for what it
--          read then may have changed since
-- grain: one row a Caf of the month
-- inputs: marts.caf_du, dq.profil_depots, dq.verdict
-- parameters: :mois, :run_id

SELECT c.code_caf
FROM marts.caf_du(:mois) AS c
EXCEPT
SELECT p.code_caf
FROM dq.profil_depots AS p
WHERE
    p.mois = :mois AND p.run_id = :run_id
    AND NOT EXISTS (
        SELECT FROM dq.verdict AS v
        WHERE v.mois = p.mois AND v.run_id = p.run_id AND v.gate = 'depots'
    )
ORDER BY code_caf
