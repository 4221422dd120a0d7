-- purpose: what decides when a lot is destroyed: its drops, what each recipient has treated, where it stands
-- grain: one row a lot of the ledger whose destruction is not certified
-- inputs: suivi.mois_ouvert, suivi.chaine, suivi.evenement, suivi.destruction, marts.convention
-- parameters: :nation (code of the month as a whole)

WITH ouverts AS (
    SELECT
        c.mois,
        c.code_caf
    FROM suivi.chaine AS c
    WHERE
        c.code_caf <> :nation AND c.mois = any(array(SELECT o.mois FROM suivi.mois_ouvert AS o))
        AND NOT EXISTS (
            SELECT FROM suivi.evenement AS x
            WHERE x.mois = c.mois AND x.code_caf = c.code_caf AND x.code_cpam IS NULL AND x.etat = 'expire'
        )
),

lots AS (
    SELECT
        e.mois,
        e.code_caf,
        max(e.version) FILTER (WHERE e.etat IN ('depose', 'retenu') AND e.code_cpam IS NULL) AS version,
        min(e.cree_le) AS depuis,
        min(e.cree_le) FILTER (WHERE e.etat = 'depose') AS premier_depot,
        max(e.cree_le) FILTER (WHERE e.etat = 'depose') AS dernier_depot,
        coalesce(
            jsonb_object_agg(e.code_cpam, e.preuve ->> 'date_fin_traitement' ORDER BY e.id)
            FILTER (WHERE e.etat = 'traite' AND e.code_cpam IS NOT NULL),
            '{}'
        ) AS traites,
        coalesce(array_agg(DISTINCT e.code_cpam) FILTER (WHERE e.etat = 'transmis'), '{}') AS transmis
    FROM ouverts AS o
    INNER JOIN suivi.evenement AS e ON o.mois = e.mois AND o.code_caf = e.code_caf
    GROUP BY e.mois, e.code_caf
),

recevants AS (
    SELECT
        x.mois,
        x.code_caf,
        array_agg(DISTINCT x.code_cpam) AS codes
    FROM (
        SELECT
            l.mois,
            l.code_caf,
            c.code_cpam
        FROM lots AS l
        INNER JOIN marts.convention AS c ON l.code_caf = c.code_caf
        WHERE
            c.date_debut <= (l.dernier_depot AT TIME ZONE 'Europe/Paris')::date
            AND (c.date_fin IS NULL OR c.date_fin >= (l.dernier_depot AT TIME ZONE 'Europe/Paris')::date)
        UNION ALL
        SELECT
            l.mois,
            l.code_caf,
            unnest(l.transmis) AS code_cpam
        FROM lots AS l
    ) AS x
    GROUP BY x.mois, x.code_caf
)

SELECT
    l.mois,
    l.code_caf,
    coalesce(l.version, 0) AS version,
    l.depuis,
    l.premier_depot,
    l.dernier_depot,
    l.traites,
    coalesce(r.codes, '{}') AS destinataires,
    d.mois IS NOT NULL AS entreprise
FROM lots AS l
LEFT JOIN recevants AS r ON l.mois = r.mois AND l.code_caf = r.code_caf
LEFT JOIN suivi.destruction AS d ON l.mois = d.mois AND l.code_caf = d.code_caf
ORDER BY l.mois, l.code_caf
