-- purpose: lots whose Cpam has not certified the destruction: what templates are for
-- grain: one row a month, Caf and Cpam
-- inputs: suivi.destinataire, suivi.destruction_cpam
-- parameters: :mois (first month looked at)

SELECT
    d.mois,
    d.code_caf,
    d.code_cpam
FROM suivi.destinataire AS d
LEFT JOIN suivi.destruction_cpam AS f
    ON d.mois = f.mois AND d.code_caf = f.code_caf AND d.code_cpam = f.code_cpam
WHERE
    d.mois >= :mois AND d.etat IS DISTINCT FROM 'rien_a_transmettre'
    AND f.date_destruction IS NULL
ORDER BY d.code_caf, d.mois, d.code_cpam
