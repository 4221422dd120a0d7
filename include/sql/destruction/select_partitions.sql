-- purpose: the months of which the tables may hold persons
-- grain: one row a month
-- inputs: the system's catalogue (partitions)
-- parameters: :tables (array: tables that hold persons)

SELECT DISTINCT replace(right(c.relname, 7), '_', '-') AS mois
FROM pg_inherits AS h
INNER JOIN pg_class AS c ON h.inhrelid = c.oid
WHERE h.inhparent = any(CAST(:tables AS text[])::regclass[])
ORDER BY mois
