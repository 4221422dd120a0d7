-- purpose: reconcile the month's marts: the nation, its regions and its Caf say the same, every value is that
--          of its two terms, and a rate lies between 0 and 1
-- grain: one row an indicator that does not reconcile; none is good
-- inputs: marts.indicateur
-- parameters: :mois

WITH niveaux AS (
    SELECT
        i.code,
        i.version,
        i.niveau,
        sum(i.numerateur) AS numerateur,
        sum(i.denominateur) AS denominateur,
        bool_or(
            i.valeur IS DISTINCT FROM
            CASE
                WHEN i.denominateur IS NULL THEN i.numerateur
                ELSE i.numerateur / nullif(i.denominateur, 0)
            END
            OR (i.denominateur IS NOT NULL AND i.valeur NOT BETWEEN 0 AND 1)
        ) AS valeur_fausse
    FROM marts.indicateur AS i
    WHERE i.mois = :mois
    GROUP BY i.code, i.version, i.niveau
)

SELECT
    n.code,
    n.version
FROM niveaux AS n
GROUP BY n.code, n.version
HAVING
    count(DISTINCT coalesce(n.numerateur, -1)) > 1
    OR count(DISTINCT coalesce(n.denominateur, -1)) > 1
    OR count(*) FILTER (WHERE n.niveau IN ('national', 'region', 'caf')) < 3
    OR bool_or(n.valeur_fausse)
ORDER BY n.code, n.version
