-- The spread of each indicator between its caisses, as anyone would write it.
CREATE TEMPORARY TABLE homogeneite_a_la_main ON COMMIT DROP AS
WITH caisses AS (
    SELECT
        v.code, v.version, v.valeur,
        row_number() OVER (PARTITION BY v.code, v.version ORDER BY v.valeur) AS rang,
        count(*) OVER (PARTITION BY v.code, v.version) AS nb
    FROM valeur_a_la_main AS v
    INNER JOIN (
        SELECT DISTINCT l.code, l.version, l.seuil, CASE WHEN l.par_caf THEN 'caf' ELSE 'cpam' END AS niveau
        FROM liste_a_la_main AS l
        WHERE (l.par_caf OR l.par_cpam) AND l.type <> 'dispersion'
    ) AS c ON v.code = c.code AND v.version = c.version AND v.niveau = c.niveau
    WHERE v.periode = 'mois' AND (v.denominateur IS NULL OR v.denominateur >= c.seuil)
)
SELECT
    code, version, min(valeur) AS mini, max(valeur) AS maxi, count(*) AS nb_fournies,
    round((min(valeur) FILTER (WHERE rang >= ceil(nb * 0.1)) + min(valeur) FILTER (WHERE rang >= floor(nb * 0.1) + 1)) / 2, 12) AS d1,
    round((min(valeur) FILTER (WHERE rang >= ceil(nb * 0.5)) + min(valeur) FILTER (WHERE rang >= floor(nb * 0.5) + 1)) / 2, 12) AS mediane,
    round((min(valeur) FILTER (WHERE rang >= ceil(nb * 0.9)) + min(valeur) FILTER (WHERE rang >= floor(nb * 0.9) + 1)) / 2, 12) AS d9
FROM caisses
GROUP BY code, version
