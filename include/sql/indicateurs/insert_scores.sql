-- purpose: attainment and points of each territory, by axis and as a whole: result indicators with a target
-- grain: one row a (month, territory, axis or « ensemble »)
-- inputs: marts.indicateur, pg_temp.definition
-- parameters: :mois_touches (the months that were computed)
-- source: IGAS 2017-008R annex 2, §16: attained 1, nearly 0.5, not attained or not provided 0; without
--         object leaves the count. Of two versions of a code, the newer one counts

INSERT INTO marts.score (
    mois, niveau, territoire, axe, nb_indicateurs, nb_atteints, nb_quasi_atteints, nb_non_atteints,
    nb_non_fournis, taux, points_obtenus, points_possibles
)
WITH dernieres AS (
    SELECT DISTINCT ON (i.mois, i.niveau, i.territoire, i.code)
        i.mois,
        i.niveau,
        i.territoire,
        i.atteinte,
        i.statut,
        d.axe,
        coalesce(d.points, 0) AS points
    FROM marts.indicateur AS i
    INNER JOIN definition AS d ON i.code = d.code AND i.version = d.version
    WHERE
        d.nature = 'IR' AND i.cible IS NOT NULL
        AND i.mois = any(CAST(:mois_touches AS text[]))
    ORDER BY i.mois ASC, i.niveau ASC, i.territoire ASC, i.code ASC, i.version DESC
),

notees AS (
    SELECT
        n.mois,
        n.niveau,
        n.territoire,
        n.atteinte,
        n.statut,
        n.axe,
        n.points,
        CASE n.atteinte WHEN 'atteinte' THEN 1.0 WHEN 'quasi_atteinte' THEN 0.5 ELSE 0.0 END AS note
    FROM dernieres AS n
    WHERE n.atteinte IS NOT NULL
)

SELECT
    n.mois,
    n.niveau,
    n.territoire,
    a.axe,
    count(*) AS nb_indicateurs,
    count(*) FILTER (WHERE n.atteinte = 'atteinte') AS nb_atteints,
    count(*) FILTER (WHERE n.atteinte = 'quasi_atteinte') AS nb_quasi_atteints,
    count(*) FILTER (WHERE n.atteinte = 'non_atteinte') AS nb_non_atteints,
    count(*) FILTER (WHERE n.statut = 'non_fourni') AS nb_non_fournis,
    marts.rapport(sum(n.note), count(*)) AS taux,
    sum(n.note * n.points) AS points_obtenus,
    sum(n.points) AS points_possibles
FROM notees AS n
CROSS JOIN
    LATERAL (
        SELECT DISTINCT x.axe FROM (VALUES ('ensemble'), (n.axe)) AS x (axe) WHERE x.axe IS NOT NULL
    ) AS a
GROUP BY n.mois, n.niveau, n.territoire, a.axe
