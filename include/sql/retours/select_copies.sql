-- purpose: versions that were sent, then replaced or held: what each Cpam has to destroy and to certify
-- grain: one row a month, Caf, version and Cpam
-- inputs: suivi.certificat_attendu, marts.caf, marts.cpam
-- parameters: none
-- source: IT 2025-098 §2.2; L.114-8 II CRPA

SELECT
    x.mois,
    x.code_caf,
    c.libelle,
    x.version,
    x.code_cpam,
    m.nom AS nom_cpam,
    x.place,
    x.depuis
FROM suivi.certificat_attendu AS x
INNER JOIN marts.caf AS c ON x.code_caf = c.code_caf
INNER JOIN marts.cpam AS m ON x.code_cpam = m.code_cpam
WHERE x.depuis IS NOT NULL AND NOT x.certifie
ORDER BY x.depuis, x.mois, x.code_caf, x.version, x.code_cpam
