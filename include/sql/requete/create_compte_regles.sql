-- purpose: count, in one pass over the month, the rows that break each rule; gone with the transaction
-- grain: one row a Caf that has rows, and any unknown code found
-- inputs: staging.demandeur, marts.caf_du, what the rules read
-- parameters: :mois; mois_precedent (for the rules); /*comptes*/ is replaced by the rules
--
-- A table, and not a part of the statement that writes the profile: PostgreSQL shares the making of this one
-- between its processes, and no statement that inserts.

CREATE TEMPORARY TABLE compte_regles ON COMMIT DROP AS
SELECT
    r.code_caf AS code_connu,
    CASE
        WHEN r.code_caf IS NOT NULL THEN r.code_caf
        -- a field that changed places may hold a person's value: only what looks like a code is shown
        WHEN d.code_caf ~ '^[0-9][0-9AB][0-9]$' THEN d.code_caf
        ELSE 'illisible'
    END AS code_lu,
    count(*) AS lignes,
    jsonb_build_object(/*comptes*/) AS comptes
FROM staging.demandeur AS d
LEFT JOIN marts.caf_du(:mois) AS r ON d.code_caf = r.code_caf
WHERE d.mois = :mois
GROUP BY code_connu, code_lu
