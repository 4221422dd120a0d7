-- purpose: versions that a Cpam received, whose destruction is certified, within the time that the law gives
-- grain: one row a Caf, Cpam and modality: attendues, certifiees, dans_le_mois
-- inputs: suivi.lot_vide, suivi.certificat_attendu
-- horizon: certificat
-- compte: lots
-- parameters: :mois, :mois_certificat (months from treatment, or from its replacement, to destruction),
--             :jours_retour (days from the transmission to the return, which says when the treatment ended)
-- source: IT 2025-098 §2.2

WITH versions AS (
    SELECT
        c.code_caf,
        c.code_cpam,
        c.transmis_a_temps,
        c.date_destruction,
        (
            coalesce(c.depuis, c.date_fin_traitement) + :mois_certificat * interval '1 month'
        )::date AS dite_pour,
        (
            c.transmis_le + CAST(:jours_retour AS integer) + :mois_certificat * interval '1 month'
        )::date AS due_le
    FROM suivi.certificat_attendu AS c
    WHERE c.mois = :mois
)

-- What was sent late is due later than the month's own day: until then it says nothing.
SELECT
    v.code_caf,
    v.code_cpam,
    m.modalite,
    sum(
        CASE m.modalite
            WHEN 'attendues' THEN 1
            WHEN 'certifiees' THEN (v.date_destruction IS NOT NULL)::integer
            ELSE coalesce(v.date_destruction <= v.dite_pour, FALSE)::integer
        END
    ) AS valeur
FROM versions AS v
CROSS JOIN (VALUES ('attendues'), ('certifiees'), ('dans_le_mois')) AS m (modalite)
WHERE
    v.transmis_a_temps OR v.date_destruction IS NOT NULL
    OR coalesce(v.dite_pour, v.due_le) < (suivi.maintenant() AT TIME ZONE 'Europe/Paris')::date
GROUP BY v.code_caf, v.code_cpam, m.modalite
UNION ALL
-- an empty lot has nothing to destroy: zero is then the truth
SELECT
    v.code_caf,
    v.code_cpam,
    m.modalite,
    0 AS valeur
FROM suivi.lot_vide AS v
CROSS JOIN (VALUES ('attendues'), ('certifiees'), ('dans_le_mois')) AS m (modalite)
WHERE
    v.mois = :mois
    -- A former version may have held somebody.
    AND NOT EXISTS (
        SELECT FROM suivi.certificat_attendu AS c
        WHERE c.mois = v.mois AND c.code_caf = v.code_caf AND c.code_cpam = v.code_cpam
    )
