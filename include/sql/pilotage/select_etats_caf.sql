-- purpose: where each Caf's lot of some months stands, by the ledger
-- grain: one row a month and Caf of that month
-- inputs: marts.caf_du, marts.convention, suivi.evenement, suivi.lot_retenu
-- parameters: :mois (the months, as an array)

WITH lot AS (
    SELECT DISTINCT ON (e.mois, e.code_caf)
        e.mois,
        e.code_caf,
        e.etat,
        e.version,
        e.motif,
        e.cree_le,
        (e.preuve ->> 'lignes')::integer AS lignes
    FROM suivi.evenement AS e
    WHERE e.mois = any(:mois) AND e.code_cpam IS NULL AND e.etat IN ('depose', 'retenu')
    ORDER BY e.mois ASC, e.code_caf ASC, e.id DESC
),

-- Of the version that stands: what became of a former one says nothing of this one.
dits AS (
    SELECT
        e.mois,
        e.code_caf,
        e.code_cpam,
        e.id,
        e.etat,
        e.preuve,
        e.cree_le,
        max(e.id) FILTER (WHERE e.etat IN ('transmis', 'rien_a_transmettre')) OVER copie AS envoi
    FROM suivi.evenement AS e
    INNER JOIN lot AS l ON e.mois = l.mois AND e.code_caf = l.code_caf AND e.version = l.version
    WHERE e.mois = any(:mois)
    WINDOW copie AS (PARTITION BY e.mois, e.code_caf, e.code_cpam)
),

suite AS (
    SELECT
        d.mois,
        d.code_caf,
        count(*) FILTER (WHERE d.etat = 'transmis' AND d.id = d.envoi) AS transmis,
        count(*) FILTER (WHERE d.etat = 'rien_a_transmettre' AND d.id = d.envoi) AS riens,
        max(d.preuve ->> 'date_transmission') FILTER (WHERE d.etat = 'transmis') AS transmis_le,
        count(DISTINCT d.code_cpam) FILTER (WHERE d.etat = 'traite') AS traites,
        count(DISTINCT d.code_cpam) FILTER (WHERE d.etat = 'detruit') AS detruits,
        max(d.cree_le) FILTER (WHERE d.etat = 'transmis') AS transmis_dit_le,
        max(d.cree_le) FILTER (WHERE d.etat = 'traite') AS traite_dit_le,
        max(d.cree_le) FILTER (WHERE d.etat = 'detruit') AS detruit_dit_le,
        max(d.cree_le) FILTER (WHERE d.etat = 'expire') AS expire_le
    FROM dits AS d
    GROUP BY d.mois, d.code_caf
),

destinataires AS (
    SELECT
        l.mois,
        l.code_caf,
        count(DISTINCT k.code_cpam) AS attendus
    FROM lot AS l
    INNER JOIN marts.convention AS k ON l.code_caf = k.code_caf
    WHERE
        k.date_debut <= (l.cree_le AT TIME ZONE 'Europe/Paris')::date
        AND (k.date_fin IS NULL OR k.date_fin >= (l.cree_le AT TIME ZONE 'Europe/Paris')::date)
    GROUP BY l.mois, l.code_caf
)

SELECT
    m.mois,
    c.code_caf,
    c.libelle,
    l.etat,
    l.version,
    l.motif,
    l.cree_le,
    l.lignes,
    s.transmis_le,
    s.expire_le,
    CASE WHEN NOT r.detruit THEN coalesce(nullif(r.decision, 'propose'), 'a_decider') END AS decision,
    s.transmis_dit_le,
    s.traite_dit_le,
    s.detruit_dit_le,
    coalesce(d.attendus, 0) AS attendus,
    coalesce(s.transmis, 0) AS transmis,
    coalesce(s.traites, 0) AS traites,
    coalesce(s.detruits, 0) AS detruits,
    coalesce(s.riens, 0) AS riens
FROM unnest(CAST(:mois AS text[])) AS m (mois)
CROSS JOIN LATERAL marts.caf_du(m.mois) AS c
LEFT JOIN lot AS l ON m.mois = l.mois AND c.code_caf = l.code_caf
LEFT JOIN suite AS s ON m.mois = s.mois AND c.code_caf = s.code_caf
LEFT JOIN destinataires AS d ON m.mois = d.mois AND c.code_caf = d.code_caf
LEFT JOIN suivi.lot_retenu AS r ON m.mois = r.mois AND c.code_caf = r.code_caf AND r.mois = any(:mois)
ORDER BY c.code_caf ASC, m.mois DESC
