-- purpose: what the share has to hold for each Caf: the last thing that the ledger says of its lot
--          (destroyed: nothing any more)
-- grain: one row a Caf of the reference, or of these
-- inputs: marts.caf_du, suivi.evenement, suivi.destruction (under way), core.demandeur
-- parameters: :mois, :codes (array of Caf; null: all of them)

WITH dernier AS (
    SELECT DISTINCT ON (e.code_caf)
        e.code_caf,
        e.etat,
        e.version,
        e.motif,
        e.preuve ->> 'identite' AS identite,
        cast(e.preuve ->> 'lignes' AS integer) AS lignes
    FROM suivi.evenement AS e
    WHERE e.mois = :mois AND e.code_cpam IS NULL AND e.etat IN ('depose', 'retenu', 'expire')
    ORDER BY e.code_caf ASC, e.id DESC
),

personnes AS (
    SELECT
        d.code_caf,
        count(*) AS lignes,
        count(*) FILTER (
            WHERE EXISTS (
                SELECT FROM core.demandeur AS a
                WHERE a.mois = :mois AND a.id_personne = d.id_personne AND a.code_caf <> d.code_caf
            )
        ) AS partagees
    FROM core.demandeur AS d
    WHERE d.mois = :mois AND (CAST(:codes AS text[]) IS NULL OR d.code_caf = any(CAST(:codes AS text[])))
    GROUP BY d.code_caf
)

SELECT
    c.code_caf,
    c.libelle,
    CASE WHEN x.mois IS NULL THEN e.etat ELSE 'expire' END AS etat,
    e.version,
    e.motif,
    e.identite,
    e.lignes AS lignes_registre,
    coalesce(p.lignes, 0) AS lignes,
    coalesce(p.partagees, 0) AS personnes_partagees
FROM marts.caf_du(:mois) AS c
LEFT JOIN dernier AS e ON c.code_caf = e.code_caf
LEFT JOIN personnes AS p ON c.code_caf = p.code_caf
LEFT JOIN suivi.destruction AS x ON c.code_caf = x.code_caf AND x.mois = :mois
WHERE CAST(:codes AS text[]) IS NULL OR c.code_caf = any(CAST(:codes AS text[]))
ORDER BY c.code_caf
