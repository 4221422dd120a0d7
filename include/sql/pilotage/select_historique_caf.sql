-- purpose: a Caf's past months, and those of the Caf that have merged into it: applicants, who could be
--          transmitted, what became of the lot
-- grain: one row a month and Caf, newest first
-- inputs: marts.caf, marts.mesure, suivi.evenement
-- parameters: :code_caf, :debut, :fin (text, AAAA-MM, both included)

WITH siennes AS (
    SELECT
        c.code_caf,
        c.libelle
    FROM marts.caf AS c
    WHERE marts.caf_actuelle(c.code_caf, :fin) = :code_caf
),

volumes AS (
    SELECT
        m.mois,
        c.code_caf,
        c.libelle,
        sum(m.valeur) FILTER (WHERE m.mesure = 'demandeurs') AS demandeurs,
        sum(m.valeur) FILTER (WHERE m.mesure = 'contacts_utilisables') AS transmissibles
    FROM marts.mesure AS m
    INNER JOIN siennes AS c ON m.code_caf = c.code_caf
    WHERE
        m.mesure IN ('demandeurs', 'contacts_utilisables') AND m.modalite = 'tous'
        AND m.mois BETWEEN CAST(:debut AS text) AND CAST(:fin AS text)
    GROUP BY m.mois, c.code_caf, c.libelle
),

lots AS (
    SELECT DISTINCT ON (e.mois, e.code_caf)
        e.mois,
        e.code_caf,
        e.etat,
        e.version
    FROM suivi.evenement AS e
    INNER JOIN siennes AS c ON e.code_caf = c.code_caf
    WHERE
        e.code_cpam IS NULL AND e.etat IN ('depose', 'retenu')
        AND e.mois BETWEEN CAST(:debut AS text) AND CAST(:fin AS text)
    ORDER BY e.mois ASC, e.code_caf ASC, e.id DESC
),

suite AS (
    SELECT
        e.mois,
        e.code_caf,
        max(e.preuve ->> 'date_transmission') AS transmis_le,
        max(e.preuve ->> 'date_destruction') AS detruit_le
    FROM suivi.evenement AS e
    INNER JOIN siennes AS c ON e.code_caf = c.code_caf
    WHERE e.mois BETWEEN CAST(:debut AS text) AND CAST(:fin AS text)
    GROUP BY e.mois, e.code_caf
)

SELECT
    v.mois,
    v.code_caf,
    v.libelle,
    v.demandeurs,
    v.transmissibles,
    l.etat,
    l.version,
    s.transmis_le,
    s.detruit_le
FROM volumes AS v
LEFT JOIN lots AS l ON v.mois = l.mois AND v.code_caf = l.code_caf
LEFT JOIN suite AS s ON v.mois = s.mois AND v.code_caf = s.code_caf
ORDER BY v.mois DESC, v.code_caf ASC
