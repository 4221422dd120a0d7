-- purpose: destroy these persons in every table of the month, and say which lots held them
-- grain: one row a Caf where they were
-- inputs: staging.demandeur_brut, staging.demandeur, core.demandeur
-- parameters: :mois, :personnes (array of identifiers)

WITH brut AS (
    DELETE FROM staging.demandeur_brut AS d
    WHERE d.mois = :mois AND d.id_personne = any(CAST(:personnes AS text[]))
    RETURNING d.code_caf
),

net AS (
    DELETE FROM staging.demandeur AS d
    WHERE d.mois = :mois AND d.id_personne = any(CAST(:personnes AS text[]))
    RETURNING d.code_caf
),

publies AS (
    DELETE FROM core.demandeur AS d
    WHERE d.mois = :mois AND d.id_personne = any(CAST(:personnes AS text[]))
    RETURNING d.code_caf
)

SELECT brut.code_caf FROM brut WHERE brut.code_caf IS NOT NULL
UNION
SELECT net.code_caf FROM net WHERE net.code_caf IS NOT NULL
UNION
SELECT publies.code_caf FROM publies
ORDER BY code_caf
