-- purpose: choose the months that this run measures: their returns or their ledger have changed since, or
--          what a Cpam owed has come due
-- grain: one row a month; the months of this run
-- inputs: staging.mois_mesure, staging.retour, suivi.chaine, suivi.evenement, suivi.certificat_attendu
-- parameters: :run_id, :jours_retour (days from the transmission to the return), :mois_certificat (months
--             from there to the certificate)

WITH jour AS (
    SELECT
        (suivi.maintenant() AT TIME ZONE 'Europe/Paris')::date AS le,
        :mois_certificat * interval '1 month' AS apres,
        ARRAY[CAST(:jours_retour AS integer), CAST(:mois_certificat AS integer)] AS delais
),

-- Month by month: the last of each is found on its index, whatever the ledger's length.
trace AS (
    SELECT
        m.mois,
        e.id AS dernier
    FROM (SELECT DISTINCT c.mois FROM suivi.chaine AS c) AS m
    CROSS JOIN
        LATERAL (
            SELECT x.id
            FROM suivi.evenement AS x
            WHERE
                x.mois = m.mois
                AND x.etat IN ('depose', 'retenu', 'transmis', 'rien_a_transmettre', 'traite', 'detruit')
            ORDER BY x.id DESC
            LIMIT 1
        ) AS e
),

publies AS (
    SELECT DISTINCT r.mois
    FROM staging.retour AS r
    WHERE r.run_id = :run_id AND r.verdict <> 'retenu'
),

-- Without the others nothing can be due: their day was looked for when they were measured.
regardes AS (
    SELECT
        coalesce(e.mois, p.mois) AS mois,
        coalesce(e.dernier, 0) AS dernier,
        a.mesure_le,
        p.mois IS NOT NULL OR coalesce(e.dernier, 0) > coalesce(a.dernier_evenement, -1) AS change
    FROM trace AS e
    FULL OUTER JOIN publies AS p ON e.mois = p.mois
    LEFT JOIN staging.mois_mesure AS a ON coalesce(e.mois, p.mois) = a.mois
    CROSS JOIN jour AS j
    WHERE
        p.mois IS NOT NULL OR coalesce(e.dernier, 0) > coalesce(a.dernier_evenement, -1)
        OR a.prochaine_echeance < j.le OR a.delais <> j.delais
),

dus AS (
    SELECT
        c.mois,
        e.du_le
    FROM suivi.certificat_attendu AS c
    CROSS JOIN jour AS j
    CROSS JOIN
        LATERAL (
            VALUES
            (c.transmis_le + j.delais[1]),
            ((c.transmis_le + j.delais[1] + j.apres)::date),
            ((coalesce(c.depuis, c.date_fin_traitement) + j.apres)::date)
        ) AS e (du_le)
    WHERE NOT c.transmis_a_temps AND c.mois = any(array(SELECT r.mois FROM regardes AS r))
)

INSERT INTO staging.mois_mesure AS m (mois, dernier_evenement, mesure_le, delais, prochaine_echeance, run_id)
SELECT
    r.mois,
    r.dernier AS dernier_evenement,
    j.le AS mesure_le,
    j.delais,
    min(d.du_le) FILTER (WHERE d.du_le >= j.le) AS prochaine_echeance,
    :run_id AS run_id
FROM regardes AS r
CROSS JOIN jour AS j
LEFT JOIN dus AS d ON r.mois = d.mois
GROUP BY r.mois, r.dernier, r.mesure_le, r.change, j.le, j.delais
HAVING r.change OR bool_or(d.du_le >= r.mesure_le AND d.du_le < j.le)
ON CONFLICT (mois) DO UPDATE
    SET
        dernier_evenement = excluded.dernier_evenement,
        mesure_le = excluded.mesure_le,
        delais = excluded.delais,
        prochaine_echeance = excluded.prochaine_echeance,
        run_id = excluded.run_id
