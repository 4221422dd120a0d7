-- purpose: choose the months that this run measures: their returns or their ledger have changed since, or
--          what a Cpam owed has come due
-- grain: one row a month; the months of this run
-- inputs: staging.mois_mesure, staging.retour, suivi.evenement, suivi.certificat_attendu
-- parameters: :run_id, :jours_retour (days from the transmission to the return), :mois_certificat (months
--             from there to the certificate)

WITH trace AS (
    SELECT
        e.mois,
        max(e.id) AS dernier
    FROM suivi.evenement AS e
    WHERE e.etat IN ('depose', 'retenu', 'transmis', 'rien_a_transmettre', 'traite', 'detruit')
    GROUP BY e.mois
),

publies AS (
    SELECT DISTINCT r.mois
    FROM staging.retour AS r
    WHERE r.run_id = :run_id AND r.verdict <> 'retenu'
),

jour AS (
    SELECT (suivi.maintenant() AT TIME ZONE 'Europe/Paris')::date AS le
),

dus AS (
    SELECT
        c.mois,
        c.transmis_le + CAST(:jours_retour AS integer) AS retour_le,
        coalesce(c.depuis, c.date_fin_traitement) AS traite_le,
        :mois_certificat * interval '1 month' AS delai
    FROM suivi.certificat_attendu AS c
    WHERE NOT c.transmis_a_temps
),

echus AS (
    SELECT DISTINCT d.mois
    FROM dus AS d
    INNER JOIN staging.mois_mesure AS a ON d.mois = a.mois
    CROSS JOIN jour AS j
    CROSS JOIN
        LATERAL (
            VALUES (d.retour_le), ((d.retour_le + d.delai)::date), ((d.traite_le + d.delai)::date)
        ) AS e (du_le)
    WHERE e.du_le >= a.mesure_le AND e.du_le < j.le
)

INSERT INTO staging.mois_mesure AS m (mois, dernier_evenement, mesure_le, run_id)
SELECT
    coalesce(e.mois, p.mois) AS mois,
    coalesce(e.dernier, 0) AS dernier_evenement,
    j.le AS mesure_le,
    :run_id AS run_id
FROM trace AS e
FULL OUTER JOIN publies AS p ON e.mois = p.mois
CROSS JOIN jour AS j
LEFT JOIN staging.mois_mesure AS a ON coalesce(e.mois, p.mois) = a.mois
WHERE
    p.mois IS NOT NULL OR coalesce(e.dernier, 0) > coalesce(a.dernier_evenement, -1)
    OR e.mois IN (SELECT x.mois FROM echus AS x)
ON CONFLICT (mois) DO UPDATE
    SET
        dernier_evenement = excluded.dernier_evenement,
        mesure_le = excluded.mesure_le,
        run_id = excluded.run_id
