-- purpose: destroy the persons of one Caf and month in every table that holds persons
-- grain: one row a table: how many are gone
-- inputs: staging.demandeur_brut, staging.demandeur, core.demandeur
-- parameters: :mois, :code_caf

WITH brut AS (
    DELETE FROM staging.demandeur_brut AS d WHERE d.mois = :mois AND d.code_caf = :code_caf
    RETURNING 1
),

net AS (
    DELETE FROM staging.demandeur AS d WHERE d.mois = :mois AND d.code_caf = :code_caf
    RETURNING 1
),

publies AS (
    DELETE FROM core.demandeur AS d WHERE d.mois = :mois AND d.code_caf = :code_caf
    RETURNING 1
)

SELECT
    'staging.demandeur_brut' AS lieu,
    count(*) AS nombre
FROM brut
UNION ALL
SELECT
    'staging.demandeur' AS lieu,
    count(*) AS nombre
FROM net
UNION ALL
SELECT
    'core.demandeur' AS lieu,
    count(*) AS nombre
FROM publies
