-- purpose: what each Cpam has certified of its own destruction, the last treatments first
-- grain: one row a month, Caf and Cpam
-- inputs: suivi.destruction_cpam, marts.caf, marts.cpam
-- parameters: :mois, :code_caf (each null: all), :mois_certificat (months from treatment to destruction)

SELECT
    d.mois,
    d.code_caf,
    c.libelle,
    m.nom AS nom_cpam,
    d.date_fin_traitement,
    (d.date_fin_traitement + :mois_certificat * interval '1 month')::date AS a_detruire_avant,
    d.date_destruction
FROM suivi.destruction_cpam AS d
INNER JOIN marts.caf AS c ON d.code_caf = c.code_caf
INNER JOIN marts.cpam AS m ON d.code_cpam = m.code_cpam
WHERE
    (CAST(:mois AS text) IS NULL OR d.mois = :mois)
    AND (CAST(:code_caf AS text) IS NULL OR d.code_caf = :code_caf)
ORDER BY d.mois DESC, d.code_caf ASC, d.code_cpam ASC
LIMIT 200
