-- purpose: how many Caf have done what the instruction asks: each convention signed, none ended
-- grain: one row
-- inputs: marts.convention
-- parameters: :jour
-- source: IT 2025-098, « Action(s) à réaliser »

WITH couple AS (
    SELECT
        k.code_caf,
        k.code_cpam,
        bool_or(
            k.date_signature <= :jour AND (k.date_fin IS NULL OR k.date_fin >= :jour)
        ) IS TRUE AS signee,
        bool_or(k.date_signature IS NOT NULL OR k.exemple) AS commencee
    FROM marts.convention AS k
    GROUP BY k.code_caf, k.code_cpam
),

caisse AS (
    SELECT
        c.code_caf,
        bool_and(c.signee) AS signee,
        bool_and(c.commencee) AS commencee
    FROM couple AS c
    GROUP BY c.code_caf
)

SELECT
    count(*) AS nb_caf,
    count(*) FILTER (WHERE c.signee) AS nb_signees,
    count(*) FILTER (WHERE NOT c.commencee) AS nb_a_signer
FROM caisse AS c
