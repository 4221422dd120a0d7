-- purpose: what an acknowledgement is checked against: its lot, its recipient
-- grain: one row; depose_le is null when there is no such lot
-- inputs: suivi.evenement, marts.convention, marts.cpam
-- parameters: :mois, :code_caf, :version, :code_cpam, :jour (day of the sending)
-- source: IT 2025-098 §2.2 (no exchange without a local convention)

WITH lot AS (
    SELECT
        min(e.cree_le) AS depose_le,
        (array_agg((e.preuve ->> 'lignes')::integer ORDER BY e.id DESC))[1] AS lignes
    FROM suivi.evenement AS e
    WHERE
        e.mois = :mois AND e.code_caf = :code_caf AND e.version = :version
        AND e.etat = 'depose' AND e.code_cpam IS NULL
),

autres AS (
    SELECT DISTINCT ON (e.code_cpam)
        e.code_cpam,
        (e.preuve ->> 'lignes')::integer AS lignes
    FROM suivi.evenement AS e
    WHERE
        e.mois = :mois AND e.code_caf = :code_caf AND e.version = :version
        AND e.etat IN ('transmis', 'rien_a_transmettre') AND e.code_cpam <> :code_cpam
    ORDER BY e.code_cpam ASC, e.id DESC
)

SELECT
    l.depose_le,
    l.lignes,
    (SELECT coalesce(sum(a.lignes), 0)::integer FROM autres AS a) AS autres,
    EXISTS(
        SELECT FROM marts.convention AS k
        WHERE
            k.code_caf = :code_caf AND k.code_cpam = :code_cpam
            AND k.date_debut <= :jour AND (k.date_fin IS NULL OR k.date_fin >= :jour)
    ) AS conventionnee,
    EXISTS(
        SELECT FROM marts.cpam AS m WHERE m.code_cpam = :code_cpam AND m.type = 'CCSS'
    ) AS commune
FROM lot AS l
