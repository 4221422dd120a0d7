-- purpose: when a version was sent to a Cpam
-- grain: one row, or none
-- inputs: suivi.certificat_attendu
-- parameters: :mois, :code_caf, :version, :code_cpam

SELECT c.transmis_le FROM suivi.certificat_attendu AS c
WHERE c.mois = :mois AND c.code_caf = :code_caf AND c.version = :version AND c.code_cpam = :code_cpam
