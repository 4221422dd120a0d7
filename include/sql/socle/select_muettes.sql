-- purpose: the columns of a table of which no statistics are kept: what a person has
-- grain: one row a column
-- inputs: pg_attribute
-- parameters: :table (schema and name)

SELECT a.attname AS nom
FROM pg_attribute AS a
WHERE a.attrelid = to_regclass(:table) AND a.attnum > 0 AND a.attstattarget = 0
ORDER BY a.attnum;
