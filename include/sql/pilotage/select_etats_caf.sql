-- purpose: where each Caf's lot of the month stands, by the ledger
-- grain: one row a Caf of the reference
-- inputs: marts.caf, marts.convention, suivi.evenement, suivi.lot_retenu
-- parameters: :mois

WITH lot AS (
    SELECT DISTINCT ON (e.code_caf)
        e.code_caf,
        e.etat,
        e.version,
        e.motif,
        e.cree_le,
        (e.preuve ->> 'lignes')::integer AS lignes
    FROM suivi.evenement AS e
    WHERE e.mois = :mois AND e.code_cpam IS NULL AND e.etat IN ('depose', 'retenu')
    ORDER BY e.code_caf ASC, e.id DESC
),

suite AS (
    -- Of the version that stands: what became of a former one says nothing of this one.
    SELECT
        e.code_caf,
        count(DISTINCT e.code_cpam) FILTER (WHERE e.etat = 'transmis') AS transmis,
        max(e.preuve ->> 'date_transmission') FILTER (WHERE e.etat = 'transmis') AS transmis_le,
        count(DISTINCT e.code_cpam) FILTER (WHERE e.etat = 'traite') AS traites,
        count(DISTINCT e.code_cpam) FILTER (WHERE e.etat = 'detruit') AS detruits,
        max(e.cree_le) FILTER (WHERE e.etat = 'transmis') AS transmis_dit_le,
        max(e.cree_le) FILTER (WHERE e.etat = 'traite') AS traite_dit_le,
        max(e.cree_le) FILTER (WHERE e.etat = 'detruit') AS detruit_dit_le,
        bool_or(e.etat = 'rien_a_transmettre') AS rien,
        max(e.cree_le) FILTER (WHERE e.etat = 'expire') AS expire_le
    FROM suivi.evenement AS e
    INNER JOIN lot AS l ON e.code_caf = l.code_caf AND e.version = l.version
    WHERE e.mois = :mois
    GROUP BY e.code_caf
),

destinataires AS (
    SELECT
        l.code_caf,
        count(DISTINCT k.code_cpam) AS attendus
    FROM lot AS l
    INNER JOIN marts.convention AS k ON l.code_caf = k.code_caf
    WHERE k.date_debut <= l.cree_le::date AND (k.date_fin IS NULL OR k.date_fin >= l.cree_le::date)
    GROUP BY l.code_caf
)

SELECT
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
    coalesce(s.rien, FALSE) AS rien
FROM marts.caf AS c
LEFT JOIN lot AS l ON c.code_caf = l.code_caf
LEFT JOIN suite AS s ON c.code_caf = s.code_caf
LEFT JOIN destinataires AS d ON c.code_caf = d.code_caf
LEFT JOIN suivi.lot_retenu AS r ON c.code_caf = r.code_caf AND r.mois = :mois
ORDER BY c.code_caf
