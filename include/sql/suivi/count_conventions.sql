-- purpose: how many Caf have done what the instruction asks: each convention signed, none ended
-- grain: one row
-- inputs: marts.convention, marts.caf, marts.cpam
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
    -- A caisse that has merged has nothing to sign any more.
    INNER JOIN marts.caf AS c ON k.code_caf = c.code_caf AND :jour BETWEEN c.valable_du AND c.valable_au
    INNER JOIN marts.cpam AS m ON k.code_cpam = m.code_cpam AND :jour BETWEEN m.valable_du AND m.valable_au
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
