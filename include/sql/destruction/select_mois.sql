-- purpose: what decides when a month's tables are dropped: its lots, its publication, when it was last filled
--          (a month is read from its name: the bound of a partition that is being dropped is NULL)
-- grain: one row a month that is published, has a lot or partitions, and is not certified destroyed
-- inputs: suivi.chaine, suivi.evenement, suivi.destruction, core.publication,
--         the system's catalogue (partitions, comments)
-- parameters: :tables (array: tables that hold persons), :nation (code of the month as a whole)

WITH partitions AS (
    SELECT
        replace(right(c.relname, 7), '_', '-') AS mois,
        max(obj_description(c.oid, 'pg_class')) AS rempli_le
    FROM pg_inherits AS h
    INNER JOIN pg_class AS c ON h.inhrelid = c.oid
    WHERE h.inhparent = any(CAST(:tables AS text[])::regclass[])
    GROUP BY replace(right(c.relname, 7), '_', '-')
),

-- Most months are: of these nothing more is read.
certifies AS (
    SELECT e.mois FROM suivi.evenement AS e
    WHERE e.code_caf = :nation AND e.etat = 'expire' AND e.code_cpam IS NULL
    UNION
    SELECT d.mois FROM suivi.destruction AS d
    WHERE d.code_caf = :nation AND d.comptes = '{}'
),

ouverts AS (
    SELECT c.mois FROM suivi.chaine AS c
    EXCEPT
    SELECT x.mois FROM certifies AS x
),

lots AS (
    SELECT
        e.mois,
        count(DISTINCT e.code_caf) FILTER (WHERE e.code_caf <> :nation) AS nombre,
        count(DISTINCT e.code_caf) FILTER (WHERE e.code_caf <> :nation AND e.etat = 'expire') AS expires
    FROM suivi.evenement AS e
    WHERE e.mois = any(array(SELECT o.mois FROM ouverts AS o))
    GROUP BY e.mois
),

destructions AS (
    SELECT
        d.mois,
        count(*) FILTER (WHERE d.code_caf <> :nation) AS entreprises,
        max(d.entreprise_le) FILTER (WHERE d.code_caf = :nation) AS entreprise_le
    FROM suivi.destruction AS d
    WHERE d.mois <> all(array(SELECT c.mois FROM certifies AS c))
    GROUP BY d.mois
),

mois AS (
    SELECT p.mois FROM partitions AS p
    UNION
    SELECT l.mois FROM lots AS l
    UNION
    SELECT p.mois FROM core.publication AS p
)

SELECT
    m.mois,
    coalesce(l.nombre, 0) AS lots,
    coalesce(l.expires, 0) AS expires,
    coalesce(d.entreprises, 0) AS entreprises,
    p.publie_le,
    x.mois IS NOT NULL AS a_des_tables,
    x.rempli_le,
    d.entreprise_le
FROM mois AS m
LEFT JOIN lots AS l ON m.mois = l.mois
LEFT JOIN destructions AS d ON m.mois = d.mois
LEFT JOIN core.publication AS p ON m.mois = p.mois
LEFT JOIN partitions AS x ON m.mois = x.mois
WHERE m.mois <> all(array(SELECT c.mois FROM certifies AS c))
ORDER BY m.mois
