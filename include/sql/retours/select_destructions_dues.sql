-- purpose: what Cpam have to destroy and have not certified: a lot in place, late; a version that was sent,
-- then replaced or held
-- grain: one row a month, Caf, version and Cpam; ``depuis`` is empty for a lot in place
-- inputs: suivi.mois_a_certifier, suivi.certificat_attendu, marts.caf, marts.cpam
-- parameters: :jour (what was to be destroyed before this day), :jours_retour (days from the transmission to
--             the return, which says when the treatment ended), :mois_certificat (months from treatment to
--             destruction)
-- source: IT 2025-098 §2.2; L.114-8 II CRPA

WITH dues AS (
    SELECT
        x.*,
        (
            coalesce(x.date_fin_traitement, x.transmis_le + CAST(:jours_retour AS integer))
            + :mois_certificat * interval '1 month'
        )::date AS a_detruire_avant
    FROM suivi.certificat_attendu AS x
    WHERE x.mois = any(array(SELECT a.mois FROM suivi.mois_a_certifier AS a)) AND NOT x.certifie
)

SELECT
    d.mois,
    d.code_caf,
    c.libelle,
    d.version,
    d.code_cpam,
    m.nom AS nom_cpam,
    d.place,
    d.depuis,
    d.transmis_le,
    d.date_fin_traitement,
    d.a_detruire_avant
FROM dues AS d
INNER JOIN marts.caf AS c ON d.code_caf = c.code_caf
INNER JOIN marts.cpam AS m ON d.code_cpam = m.code_cpam
WHERE d.depuis IS NOT NULL OR d.a_detruire_avant < :jour
ORDER BY coalesce(d.depuis, d.a_detruire_avant), d.mois, d.code_caf, d.version, d.code_cpam
