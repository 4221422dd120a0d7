-- purpose: who is to receive what, joined once and not lot by lot: the same rows, several times faster
-- grain: one view
-- inputs: 0007_retours.sql
-- parameters: none

CREATE OR REPLACE VIEW suivi.destinataire AS
WITH parole AS (
    SELECT DISTINCT ON (e.mois, e.code_caf)
        e.mois,
        e.code_caf,
        e.version,
        e.etat,
        (e.preuve ->> 'lignes')::integer AS lignes
    FROM suivi.evenement AS e
    WHERE e.code_cpam IS NULL AND e.etat IN ('depose', 'retenu')
    ORDER BY e.mois ASC, e.code_caf ASC, e.id DESC
),

lot AS (
    SELECT
        p.mois,
        p.code_caf,
        p.version,
        p.lignes,
        (min(e.cree_le) AT TIME ZONE 'Europe/Paris')::date AS depose_le
    FROM parole AS p
    INNER JOIN suivi.evenement AS e
        ON
            p.mois = e.mois AND p.code_caf = e.code_caf AND p.version = e.version
            AND e.etat = 'depose' AND e.code_cpam IS NULL
    WHERE p.etat = 'depose' AND p.lignes > 0
    GROUP BY p.mois, p.code_caf, p.version, p.lignes
),

dernier AS (
    SELECT DISTINCT ON (e.mois, e.code_caf, e.version, e.code_cpam)
        e.mois,
        e.code_caf,
        e.version,
        e.code_cpam,
        e.etat,
        e.preuve
    FROM suivi.evenement AS e
    WHERE e.code_cpam IS NOT NULL AND e.etat IN ('transmis', 'rien_a_transmettre', 'retenu')
    ORDER BY e.mois ASC, e.code_caf ASC, e.version ASC, e.code_cpam ASC, e.id DESC
),

-- Apart, for the planner would rather try every Cpam for every lot.
accord AS MATERIALIZED (
    SELECT
        k.code_caf,
        k.code_cpam,
        k.date_debut,
        k.date_fin,
        m.nom
    FROM marts.convention AS k
    INNER JOIN marts.cpam AS m ON k.code_cpam = m.code_cpam
)

SELECT
    l.mois,
    l.code_caf,
    l.version,
    k.code_cpam,
    k.nom AS nom_cpam,
    l.lignes,
    l.depose_le,
    d.etat,
    d.preuve,
    EXISTS(
        SELECT FROM suivi.evenement AS x
        WHERE
            x.mois = l.mois AND x.code_caf = l.code_caf AND x.version = l.version
            AND x.etat = 'expire' AND x.code_cpam IS NULL
    ) AS expire
FROM lot AS l
INNER JOIN accord AS k
    ON
        l.code_caf = k.code_caf
        AND l.depose_le >= k.date_debut AND (k.date_fin IS NULL OR l.depose_le <= k.date_fin)
LEFT JOIN dernier AS d
    ON l.mois = d.mois AND l.code_caf = d.code_caf AND l.version = d.version AND k.code_cpam = d.code_cpam
WHERE
    d.etat IS DISTINCT FROM 'retenu'
    -- Of two conventions of the same pair that cover the day, the newest.
    AND NOT EXISTS (
        SELECT FROM accord AS a
        WHERE
            a.code_caf = k.code_caf AND a.code_cpam = k.code_cpam AND a.date_debut > k.date_debut
            AND a.date_debut <= l.depose_le AND (a.date_fin IS NULL OR a.date_fin >= l.depose_le)
    );
