-- purpose: every territory where a unit counts at a month, asked once a unit and not once a figure
-- grain: one row a (unit at a month, territory)
-- inputs: pg_temp.unite, marts.situer
-- parameters: :nation (the code of the national territory)

CREATE TEMPORARY TABLE appartenance ON COMMIT DROP AS
WITH lieux AS (
    SELECT DISTINCT
        u.lieu,
        u.mois,
        u.code_caf,
        u.code_cpam
    FROM unite AS u
)

SELECT
    l.lieu,
    s.niveau,
    s.territoire
FROM lieux AS l
CROSS JOIN
    LATERAL marts.situer(
        l.code_caf, l.code_cpam, l.mois, CAST(:nation AS text)
    ) AS s (niveau, territoire)
