-- purpose: what gave the values of the month, by the hash of its formula, SQL and settings
-- grain: one row a definition
-- inputs: marts.empreinte
-- parameters: :mois

SELECT
    e.code,
    e.version,
    e.empreinte
FROM marts.empreinte AS e
WHERE e.mois = :mois
