-- purpose: choose the months that this run measures: their returns or their ledger have changed since
-- grain: one row a month; the months of this run
-- inputs: staging.mois_mesure, staging.retour, suivi.evenement
-- parameters: :run_id

WITH registre AS (
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
)

INSERT INTO staging.mois_mesure AS m (mois, dernier_evenement, run_id)
SELECT
    coalesce(e.mois, p.mois) AS mois,
    coalesce(e.dernier, 0) AS dernier_evenement,
    :run_id AS run_id
FROM registre AS e
FULL OUTER JOIN publies AS p ON e.mois = p.mois
LEFT JOIN staging.mois_mesure AS a ON coalesce(e.mois, p.mois) = a.mois
WHERE p.mois IS NOT NULL OR coalesce(e.dernier, 0) > coalesce(a.dernier_evenement, -1)
ON CONFLICT (mois) DO UPDATE
    SET dernier_evenement = excluded.dernier_evenement, run_id = excluded.run_id
