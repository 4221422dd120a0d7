-- purpose: count the persons of a month, or of one Caf in it, that the tables hold
-- grain: one row a table that holds persons: the same list as aller_vers.destruction.lieux
-- inputs: staging.demandeur_brut, staging.demandeur, core.demandeur
-- parameters: :mois, :code_caf (null: every Caf, unknown ones too)

SELECT
    'staging.demandeur_brut' AS lieu,
    count(*) AS nombre
FROM staging.demandeur_brut AS d
WHERE d.mois = :mois AND (CAST(:code_caf AS text) IS NULL OR d.code_caf = :code_caf)
UNION ALL
SELECT
    'staging.demandeur' AS lieu,
    count(*) AS nombre
FROM staging.demandeur AS d
WHERE d.mois = :mois AND (CAST(:code_caf AS text) IS NULL OR d.code_caf = :code_caf)
UNION ALL
SELECT
    'core.demandeur' AS lieu,
    count(*) AS nombre
FROM core.demandeur AS d
WHERE d.mois = :mois AND (CAST(:code_caf AS text) IS NULL OR d.code_caf = :code_caf)
