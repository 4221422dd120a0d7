-- purpose: the contacts that are not blank and that no pattern decides: for the libraries
-- grain: one row a line of the month with such an e-mail or telephone; null: nothing to verify
-- inputs: staging.demandeur_brut
-- parameters: :mois, :lignes (array of lines; null: the whole month)

WITH indecis AS (
    SELECT
        b.ligne,
        b.code_postal,
        CASE
            WHEN staging.courriel_par_motif(b.courriel) IS NULL AND NOT staging.est_vide(b.courriel)
                THEN b.courriel
        END AS courriel,
        CASE
            WHEN staging.telephone_par_motif(b.telephone) IS NULL AND NOT staging.est_vide(b.telephone)
                THEN b.telephone
        END AS telephone
    FROM staging.demandeur_brut AS b
    WHERE
        b.mois = :mois
        AND (CAST(:lignes AS bigint[]) IS NULL OR b.ligne = any(CAST(:lignes AS bigint[])))
        AND b.opposition_contact = '0'
        AND b.affiliation_terminee = '0'
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
