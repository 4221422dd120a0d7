-- purpose: treatments that ended, whose destruction is certified, within the time that the law gives
-- grain: one row a Caf, Cpam and modality: attendues, certifiees, dans_le_mois
-- inputs: suivi.lot_vide, suivi.destruction_cpam
-- horizon: retour
-- compte: lots
-- parameters: :mois, :mois_certificat (months from treatment to destruction)
-- source: IT 2025-098 §2.2

SELECT
    d.code_caf,
    d.code_cpam,
    m.modalite,
    CASE m.modalite
        WHEN 'attendues' THEN 1
        WHEN 'certifiees' THEN (d.date_destruction IS NOT NULL)::integer
        ELSE coalesce(
            d.date_destruction <= (d.date_fin_traitement + :mois_certificat * interval '1 month')::date, FALSE
        )::integer
    END AS valeur
FROM suivi.destruction_cpam AS d
CROSS JOIN (VALUES ('attendues'), ('certifiees'), ('dans_le_mois')) AS m (modalite)
WHERE d.mois = :mois
UNION ALL
-- an empty lot has nothing to destroy: zero is then the truth
SELECT
    v.code_caf,
    v.code_cpam,
    m.modalite,
    0 AS valeur
FROM suivi.lot_vide AS v
CROSS JOIN (VALUES ('attendues'), ('certifiees'), ('dans_le_mois')) AS m (modalite)
WHERE v.mois = :mois
