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

-- One row a Caf: the planner takes the lots for one, and would try every convention for each.
accord AS MATERIALIZED (
    SELECT
        k.code_caf,
        array_agg(k.code_cpam) AS codes,
        array_agg(m.nom) AS noms,
        array_agg(k.date_debut) AS debuts,
        array_agg(k.date_fin) AS fins
    FROM marts.convention AS k
    INNER JOIN marts.cpam AS m ON k.code_cpam = m.code_cpam
    GROUP BY k.code_caf
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
INNER JOIN accord AS a ON l.code_caf = a.code_caf
CROSS JOIN
    LATERAL (
        SELECT DISTINCT
            u.code_cpam,
            u.nom
        FROM unnest(a.codes, a.noms, a.debuts, a.fins) AS u (code_cpam, nom, debut, fin)
        WHERE u.debut <= l.depose_le AND (u.fin IS NULL OR u.fin >= l.depose_le)
    ) AS k
LEFT JOIN dernier AS d
    ON l.mois = d.mois AND l.code_caf = d.code_caf AND l.version = d.version AND k.code_cpam = d.code_cpam
WHERE d.etat IS DISTINCT FROM 'retenu';
