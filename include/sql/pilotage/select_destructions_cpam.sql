-- purpose: what each Cpam has certified of its own destruction, or has to, the last months first
-- grain: one row a month, Caf, version and Cpam
-- inputs: suivi.certificat_attendu, marts.caf, marts.cpam
-- parameters: :mois, :code_caf (each null: all), :depuis (where neither is asked for: the first month),
--             :mois_certificat (months from treatment to destruction)

SELECT
    d.mois,
    d.code_caf,
    c.libelle,
    d.version,
    m.nom AS nom_cpam,
    d.place,
    d.depuis,
    d.date_fin_traitement,
    (
        coalesce(d.depuis, d.date_fin_traitement) + :mois_certificat * interval '1 month'
    )::date AS a_detruire_avant,
    d.date_destruction
FROM suivi.certificat_attendu AS d
INNER JOIN marts.caf AS c ON d.code_caf = c.code_caf
INNER JOIN marts.cpam AS m ON d.code_cpam = m.code_cpam
WHERE
    (CAST(:mois AS text) IS NULL OR d.mois = :mois)
    AND (CAST(:code_caf AS text) IS NULL OR d.code_caf = :code_caf)
    AND (coalesce(CAST(:mois AS text), CAST(:code_caf AS text)) IS NOT NULL OR d.mois >= :depuis)
    AND (d.depuis IS NOT NULL OR d.date_fin_traitement IS NOT NULL OR d.date_destruction IS NOT NULL)
ORDER BY d.mois DESC, d.code_caf ASC, d.code_cpam ASC, d.version DESC
LIMIT 200
