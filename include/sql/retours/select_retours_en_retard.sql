-- purpose: returns that are due and have not come: one a recipient and month transmitted
-- grain: one row a month, Caf and Cpam, oldest transmission first
-- inputs: suivi.mois_incomplet, suivi.retour_attendu, marts.caf
-- parameters: :jour, :jours (days that a Cpam has from the transmission)

WITH retards AS (
    SELECT
        a.mois,
        a.code_caf,
        a.code_cpam,
        a.nom_cpam,
        a.transmis_le,
        a.transmis_le + CAST(:jours AS integer) AS du_le
    FROM suivi.retour_attendu AS a
    WHERE
        a.mois = any(array(SELECT i.mois FROM suivi.mois_incomplet AS i))
        AND a.recu_le IS NULL AND a.transmis_le + CAST(:jours AS integer) < CAST(:jour AS date)
)

SELECT
    r.mois,
    r.code_caf,
    c.libelle,
    r.code_cpam,
    r.nom_cpam,
    r.transmis_le,
    r.du_le
FROM retards AS r
INNER JOIN marts.caf AS c ON r.code_caf = c.code_caf
ORDER BY r.transmis_le, r.mois, r.code_caf, r.code_cpam
