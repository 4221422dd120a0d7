-- purpose: what the share has to hold for each Caf: the last thing that the ledger says of its lot
--          (destroyed: nothing any more)
-- grain: one row a Caf of the reference
-- inputs: marts.caf_du, suivi.evenement, suivi.destruction (under way), core.demandeur
-- parameters: :mois

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

partagees AS (
    SELECT d.id_personne
    FROM core.demandeur AS d
    WHERE d.mois = :mois
    GROUP BY d.id_personne
    HAVING count(*) > 1
),

personnes AS (
    SELECT
        d.code_caf,
        count(*) AS lignes,
        count(p.id_personne) AS partagees
    FROM core.demandeur AS d
    LEFT JOIN partagees AS p ON d.id_personne = p.id_personne
    WHERE d.mois = :mois
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
ORDER BY c.code_caf
