-- purpose: when some months were first dropped, and which of their lots were dropped or sent later
-- grain: one row a month (code_caf empty); one a late lot and Cpam, transmis_le when its Caf was late
-- inputs: suivi.evenement, suivi.destinataire
-- parameters: :mois (months whose lots are looked at)

WITH depot AS (
    SELECT
        e.mois,
        (min(e.cree_le) AT TIME ZONE 'Europe/Paris')::date AS depose_le
    FROM suivi.evenement AS e
    WHERE e.mois = any(CAST(:mois AS text[])) AND e.code_cpam IS NULL AND e.etat = 'depose'
    GROUP BY e.mois
)

SELECT
    m.mois,
    NULL AS code_caf,
    NULL AS code_cpam,
    m.depose_le,
    NULL AS transmis_le
FROM depot AS m
UNION ALL
SELECT
    d.mois,
    d.code_caf,
    d.code_cpam,
    d.depose_le,
    CASE WHEN d.etat = 'transmis' THEN (d.preuve ->> 'date_transmission')::date END AS transmis_le
FROM suivi.destinataire AS d
INNER JOIN depot AS m ON d.mois = m.mois
WHERE
    d.mois = any(CAST(:mois AS text[]))
    AND (
        d.depose_le > m.depose_le
        OR d.etat = 'transmis' AND (d.preuve ->> 'dans_les_delais')::boolean IS FALSE
    )
