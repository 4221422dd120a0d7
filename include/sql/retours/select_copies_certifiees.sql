-- purpose: the former versions that this run's returns say are destroyed too, since they no longer stand
-- grain: one row a month, Caf, Cpam and version
-- inputs: staging.retour_courant, suivi.certificat_attendu
-- parameters: :run_id

WITH dites AS MATERIALIZED (
    SELECT
        r.mois,
        r.code_caf,
        r.code_cpam,
        r.date_destruction
    FROM staging.retour_courant AS r
    WHERE r.forme = 'mensuel' AND r.run_id = :run_id AND r.date_destruction IS NOT NULL
),

-- Their months alone, once: joined to the returns, the whole ledger would be read for each of them.
dues AS MATERIALIZED (
    SELECT
        c.mois,
        c.code_caf,
        c.code_cpam,
        c.version,
        c.depuis
    FROM suivi.certificat_attendu AS c
    WHERE c.mois = any(array(SELECT d.mois FROM dites AS d)) AND c.depuis IS NOT NULL AND NOT c.certifie
)

SELECT
    v.mois,
    v.code_caf,
    v.code_cpam,
    v.version,
    d.date_destruction
FROM dites AS d
INNER JOIN dues AS v ON d.mois = v.mois AND d.code_caf = v.code_caf AND d.code_cpam = v.code_cpam
WHERE CAST(d.date_destruction AS date) >= v.depuis
ORDER BY v.mois, v.code_caf, v.code_cpam, v.version
