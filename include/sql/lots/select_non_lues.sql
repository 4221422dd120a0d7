-- purpose: the Caf whose lot this run has not read back
-- grain: one row a Caf of the month
-- inputs: marts.caf_du, dq.profil_depots
-- parameters: :mois, :run_id

SELECT c.code_caf
FROM marts.caf_du(:mois) AS c
EXCEPT
SELECT p.code_caf
FROM dq.profil_depots AS p
WHERE p.mois = :mois AND p.run_id = :run_id
ORDER BY code_caf
