-- purpose: to whom the lots of a month and Caf were given, and what became of each copy
-- grain: one row a version and Cpam
-- inputs: suivi.certificat_attendu, marts.cpam
-- parameters: :mois, :code_caf

SELECT
    c.version,
    c.code_cpam,
    m.nom AS nom_cpam,
    c.transmis_le,
    c.date_destruction
FROM suivi.certificat_attendu AS c
INNER JOIN marts.cpam AS m ON c.code_cpam = m.code_cpam
WHERE c.mois = :mois AND c.code_caf = :code_caf
ORDER BY c.version, c.code_cpam
