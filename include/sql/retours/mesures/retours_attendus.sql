-- purpose: monthly returns that are expected, have come, have come in time
-- grain: one row a Caf, Cpam and modality: attendus, recus, a_temps
-- inputs: suivi.lot_vide, suivi.retour_attendu
-- horizon: retour
-- compte: lots
-- parameters: :mois, :jours_retour (days from the transmission to the return)

WITH retours AS (
    SELECT
        a.code_caf,
        a.code_cpam,
        a.transmis_a_temps,
        a.recu_le,
        a.transmis_le + CAST(:jours_retour AS integer) AS du_le
    FROM suivi.retour_attendu AS a
    WHERE a.mois = :mois
)

-- What was sent late is due later than the month's own day: until then it says nothing.
SELECT
    r.code_caf,
    r.code_cpam,
    m.modalite,
    CASE m.modalite
        WHEN 'attendus' THEN 1
        WHEN 'recus' THEN (r.recu_le IS NOT NULL)::integer
        ELSE coalesce(r.recu_le <= r.du_le, FALSE)::integer
    END AS valeur
FROM retours AS r
CROSS JOIN (VALUES ('attendus'), ('recus'), ('a_temps')) AS m (modalite)
WHERE
    r.transmis_a_temps OR r.recu_le IS NOT NULL
    OR r.du_le < (suivi.maintenant() AT TIME ZONE 'Europe/Paris')::date
UNION ALL
-- an empty lot has nothing to give back: zero is then the truth
SELECT
    v.code_caf,
    v.code_cpam,
    m.modalite,
    0 AS valeur
FROM suivi.lot_vide AS v
CROSS JOIN (VALUES ('attendus'), ('recus'), ('a_temps')) AS m (modalite)
WHERE v.mois = :mois
