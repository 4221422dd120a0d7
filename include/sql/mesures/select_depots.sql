-- purpose: when each month was dropped, and which lots were dropped or sent later than their month's
-- grain: one row a month (code_caf empty), its first drop; one a late lot and Cpam, transmis_le when it was
--        its Caf that was late
-- inputs: suivi.parole, suivi.destinataire
-- parameters: none

WITH depot AS (
    SELECT
        p.mois,
        min(p.depose_le) AS depose_le
    FROM suivi.parole AS p
    WHERE p.etat = 'depose'
    GROUP BY p.mois
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
    d.depose_le > m.depose_le
    OR d.etat = 'transmis' AND (d.preuve ->> 'dans_les_delais')::boolean IS FALSE
