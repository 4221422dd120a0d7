-- purpose: treatments that have ended and whose destruction no certificate tells
-- grain: one row a month, Caf and Cpam
-- inputs: suivi.destruction_cpam, marts.caf, marts.cpam
-- parameters: :jour (what was to be destroyed before this day), :mois_certificat (months from treatment to
--             destruction)
-- source: IT 2025-098 §2.2

SELECT
    d.mois,
    d.code_caf,
    c.libelle,
    d.code_cpam,
    m.nom AS nom_cpam,
    d.date_fin_traitement,
    (d.date_fin_traitement + :mois_certificat * interval '1 month')::date AS a_detruire_avant
FROM suivi.destruction_cpam AS d
INNER JOIN marts.caf AS c ON d.code_caf = c.code_caf
INNER JOIN marts.cpam AS m ON d.code_cpam = m.code_cpam
WHERE
    d.date_destruction IS NULL
    AND (d.date_fin_traitement + :mois_certificat * interval '1 month')::date < :jour
ORDER BY a_detruire_avant, d.mois, d.code_caf, d.code_cpam
