-- purpose: everything that the tables hold of one person, as they hold it
-- grain: one row a month and table
-- inputs: staging.demandeur_brut, staging.demandeur, core.demandeur
-- parameters: :personne (identifier)

SELECT
    b.mois,
    b.code_caf,
    'staging.demandeur_brut' AS lieu,
    to_jsonb(b) AS valeurs
FROM staging.demandeur_brut AS b
WHERE b.id_personne = :personne
UNION ALL
SELECT
    d.mois,
    d.code_caf,
    'staging.demandeur' AS lieu,
    to_jsonb(d) AS valeurs
FROM staging.demandeur AS d
WHERE d.id_personne = :personne
UNION ALL
SELECT
    c.mois,
    c.code_caf,
    'core.demandeur' AS lieu,
    to_jsonb(c) AS valeurs
FROM core.demandeur AS c
WHERE c.id_personne = :personne
ORDER BY mois DESC, code_caf ASC
