-- purpose: lots in place whose destruction is due and certified by nobody
-- grain: one row a month, Caf and Cpam
-- inputs: suivi.certificat_attendu, marts.caf, marts.cpam
-- parameters: :jour (what was to be destroyed before this day), :jours_retour (days from the transmission to
--             the return, which says when the treatment ended), :mois_certificat (months from treatment to
--             destruction)
-- source: IT 2025-098 §2.2

WITH dus AS (
    SELECT
        x.*,
        (
            coalesce(x.date_fin_traitement, x.transmis_le + CAST(:jours_retour AS integer))
            + :mois_certificat * interval '1 month'
        )::date AS a_detruire_avant
    FROM suivi.certificat_attendu AS x
    WHERE x.depuis IS NULL AND NOT x.certifie
)

SELECT
    d.mois,
    d.code_caf,
    c.libelle,
    d.code_cpam,
    m.nom AS nom_cpam,
    d.transmis_le,
    d.date_fin_traitement,
    d.a_detruire_avant
FROM dus AS d
INNER JOIN marts.caf AS c ON d.code_caf = c.code_caf
INNER JOIN marts.cpam AS m ON d.code_cpam = m.code_cpam
WHERE d.a_detruire_avant < :jour
ORDER BY d.a_detruire_avant, d.mois, d.code_caf, d.code_cpam
