-- purpose: received files that were not taken, and that nothing taken since has replaced: no file of the same
-- name, nor, for each thing that it is about, a file or what a person entered on the page; a file of which
-- nothing is known is replaced by the next one of its folder
-- grain: one row a folder (Caf or Cpam) and name, oldest first; ``gardee``: it is in the quarantine still
-- inputs: suivi.fichier_recu, suivi.evenement
-- parameters: :quarantaine (the instant before which what was put aside is destroyed by now)

WITH refuses AS (
    SELECT DISTINCT ON (f.code_caf, f.nom)
        f.code_caf,
        f.nom,
        f.issue,
        f.detail,
        f.recu_le,
        f.numero,
        f.sujets
    FROM suivi.fichier_recu AS f
    WHERE f.issue <> 'pris'
    ORDER BY f.code_caf ASC, f.nom ASC, f.numero DESC
),

pris AS (
    SELECT
        f.code_caf,
        f.nom,
        f.numero,
        s.sujet
    FROM suivi.fichier_recu AS f
    CROSS JOIN LATERAL unnest(f.sujets) AS s (sujet)
    WHERE f.issue = 'pris'
),

inscrits AS MATERIALIZED (
    SELECT
        e.cree_le,
        concat_ws('/', 'accuse', e.code_caf, e.mois, e.code_cpam, '') AS sujet
    FROM suivi.evenement AS e
    WHERE
        e.etat IN ('transmis', 'rien_a_transmettre') AND e.acteur <> 'suivi_transmissions'
        AND e.cree_le > (SELECT min(r.recu_le) FROM refuses AS r)
)

SELECT
    r.code_caf,
    r.nom,
    r.issue,
    r.detail,
    r.recu_le,
    r.issue = 'ecarte' AND r.recu_le > :quarantaine AS gardee
FROM refuses AS r
WHERE
    NOT EXISTS (
        SELECT
        FROM pris AS p
        WHERE
            p.code_caf = r.code_caf AND p.numero > r.numero
            AND regexp_replace(p.nom, '\.[^.]*$', '') = regexp_replace(r.nom, '\.[^.]*$', '')
    )
    AND EXISTS (
        SELECT
        FROM unnest(r.sujets) AS s (sujet)
        WHERE
            NOT EXISTS (
                SELECT
                FROM pris AS p
                WHERE
                    p.numero > r.numero AND p.sujet LIKE s.sujet
                    AND (s.sujet <> '%' OR p.code_caf = r.code_caf)
            )
            AND (
                s.sujet = '%'
                OR NOT EXISTS (
                    SELECT
                    FROM inscrits AS i
                    WHERE i.cree_le > r.recu_le AND i.sujet LIKE s.sujet
                )
            )
    )
ORDER BY r.recu_le, r.code_caf, r.nom
