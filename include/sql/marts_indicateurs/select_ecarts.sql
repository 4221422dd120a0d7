-- purpose: reconcile the month's marts: what differs between the nation, the sum of its Caf, and its measures
-- grain: one row an indicator that does not reconcile; none is good
-- inputs: marts.indicateur
-- parameters: :mois

WITH niveaux AS (
    SELECT
        i.code,
        i.version,
        sum(i.numerateur) FILTER (WHERE i.niveau = 'national') AS national,
        sum(i.numerateur) FILTER (WHERE i.niveau = 'region') AS regions,
        sum(i.numerateur) FILTER (WHERE i.niveau = 'caf') AS caf,
        count(*) FILTER (WHERE i.denominateur IS NOT NULL AND i.valeur NOT BETWEEN 0 AND 1) AS hors_bornes
    FROM marts.indicateur AS i
    WHERE i.mois = :mois
    GROUP BY i.code, i.version
)

SELECT
    n.code,
    n.version
FROM niveaux AS n
WHERE
    n.national IS DISTINCT FROM n.regions
    OR n.national IS DISTINCT FROM n.caf
    OR n.hors_bornes > 0
ORDER BY n.code, n.version
