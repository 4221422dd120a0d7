-- purpose: note what gives the values of each month: its formula, SQL and settings, by their hash
-- grain: one row a (definition, month)
-- inputs: pg_temp.definition, pg_temp.lecture
-- parameters: none

INSERT INTO marts.empreinte (mois, code, version, empreinte)
SELECT DISTINCT
    l.mois,
    l.code,
    l.version,
    d.empreinte
FROM lecture AS l
INNER JOIN definition AS d ON l.code = d.code AND l.version = d.version
ON CONFLICT (mois, code, version) DO UPDATE SET empreinte = excluded.empreinte
