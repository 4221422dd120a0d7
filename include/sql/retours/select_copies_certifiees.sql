-- purpose: the former versions that this run's returns say are destroyed too, since they no longer stand
-- grain: one row a month, Caf, Cpam and version
-- inputs: staging.retour_courant, suivi.certificat_attendu
-- parameters: :run_id

SELECT
    c.mois,
    c.code_caf,
    c.code_cpam,
    c.version,
    r.date_destruction
FROM staging.retour_courant AS r
INNER JOIN suivi.certificat_attendu AS c
    ON r.mois = c.mois AND r.code_caf = c.code_caf AND r.code_cpam = c.code_cpam
WHERE
    r.forme = 'mensuel' AND r.run_id = :run_id AND NOT c.certifie
    AND CAST(r.date_destruction AS date) >= c.depuis
ORDER BY c.mois, c.code_caf, c.code_cpam, c.version
