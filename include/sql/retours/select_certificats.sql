-- purpose: treatments that have ended and whose destruction no certificate tells
-- grain: one row a month, Caf and Cpam
-- inputs: suivi.destruction_cpam, marts.caf, marts.cpam
-- parameters: :jour (what was to be destroyed before this day)
-- source: IT 2025-098 §2.2 (destroyed one month after treatment at the latest)

SELECT
    d.mois,
    d.code_caf,
    c.libelle,
    d.code_cpam,
    m.nom AS nom_cpam,
    d.date_fin_traitement,
    d.a_detruire_avant
FROM suivi.destruction_cpam AS d
INNER JOIN marts.caf AS c ON d.code_caf = c.code_caf
INNER JOIN marts.cpam AS m ON d.code_cpam = m.code_cpam
WHERE d.date_destruction IS NULL AND d.a_detruire_avant < :jour
ORDER BY d.a_detruire_avant, d.mois, d.code_caf, d.code_cpam
