-- purpose: a Caf's past months: applicants, who could be transmitted, what became of the lot
-- grain: one row a month, newest first
-- inputs: marts.mesure, suivi.evenement
-- parameters: :code_caf, :debut, :fin (text, AAAA-MM, both included)

WITH volumes AS (
    SELECT
        m.mois,
        sum(m.valeur) FILTER (WHERE m.mesure = 'demandeurs') AS demandeurs,
        sum(m.valeur) FILTER (WHERE m.mesure = 'contacts_utilisables') AS transmissibles
    FROM marts.mesure AS m
    WHERE
        m.code_caf = :code_caf AND m.mesure IN ('demandeurs', 'contacts_utilisables') AND m.modalite = 'tous'
        AND m.mois BETWEEN CAST(:debut AS text) AND CAST(:fin AS text)
    GROUP BY m.mois
),

lots AS (
    SELECT DISTINCT ON (e.mois)
        e.mois,
        e.etat,
        e.version
    FROM suivi.evenement AS e
    WHERE
        e.code_caf = :code_caf AND e.code_cpam IS NULL AND e.etat IN ('depose', 'retenu')
        AND e.mois BETWEEN CAST(:debut AS text) AND CAST(:fin AS text)
    ORDER BY e.mois ASC, e.id DESC
),

suite AS (
    SELECT
        e.mois,
        max(e.preuve ->> 'date_transmission') AS transmis_le,
        max(e.preuve ->> 'date_destruction') AS detruit_le
    FROM suivi.evenement AS e
    WHERE e.code_caf = :code_caf AND e.mois BETWEEN CAST(:debut AS text) AND CAST(:fin AS text)
    GROUP BY e.mois
)

SELECT
    v.mois,
    v.demandeurs,
    v.transmissibles,
    l.etat,
    l.version,
    s.transmis_le,
    s.detruit_le
FROM volumes AS v
LEFT JOIN lots AS l ON v.mois = l.mois
LEFT JOIN suite AS s ON v.mois = s.mois
ORDER BY v.mois DESC
