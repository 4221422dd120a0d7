-- purpose: what the last vintage of the month hid, and the counts that it hid or showed
-- grain: one row a measure
-- inputs: core.secret_statistique
-- parameters: :mois

SELECT
    s.terme,
    s.millesime,
    s.comptes,
    s.couples,
    s.caf,
    s.regions,
    s.nation
FROM core.secret_statistique AS s
WHERE
    s.mois = :mois
    AND s.millesime = (SELECT max(d.millesime) FROM core.secret_statistique AS d WHERE d.mois = :mois)
ORDER BY s.terme
