-- purpose: the contacts that are not blank and that no pattern decides: for the libraries
-- grain: one row a line of the month with such an e-mail or telephone; null: nothing to verify
-- inputs: ligne_lue (temporary)
-- parameters: none

WITH indecis AS (
    SELECT
        l.ligne,
        l.code_postal,
        CASE
            WHEN l.courriel_sur IS NULL AND NOT staging.est_vide(l.courriel) THEN l.courriel
        END AS courriel,
        CASE
            WHEN l.telephone_sur IS NULL AND NOT staging.est_vide(l.telephone) THEN l.telephone
        END AS telephone
    FROM ligne_lue AS l
    WHERE l.transmissible AND (l.courriel_sur IS NULL OR l.telephone_sur IS NULL)
    -- A fence: the patterns are tried once a row, not again for the filter below.
    OFFSET 0 -- noqa: AM09
)

SELECT
    ligne,
    courriel,
    telephone,
    code_postal
FROM indecis
WHERE courriel IS NOT NULL OR telephone IS NOT NULL
