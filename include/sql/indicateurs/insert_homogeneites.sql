-- purpose: the spread of each indicator between caisses, and both verdicts
-- grain: one row a (definition, month)
-- inputs: pg_temp.valeur, pg_temp.definition
-- parameters: none
-- a caisse that was to give and did not is expected, and does not attain
-- source: IGAS 2013-164R rec. 1, §30 and table 2: the median distributes the caisses, in plain numbers

INSERT INTO marts.homogeneite (
    code, version, mois, valeur_nationale, mini, d1, mediane, d9, maxi, nb_attendues, nb_fournies, nb_atteint,
    part_atteint, atteinte_nationale, atteinte_homogeneite
)
WITH caisses AS (
    SELECT
        v.code,
        v.version,
        v.mois,
        v.valeur,
        v.atteinte,
        row_number() OVER (caisses ORDER BY v.valeur) AS rang,
        count(v.valeur) OVER (caisses) AS nb
    FROM valeur AS v
    INNER JOIN definition AS d ON v.code = d.code AND v.version = d.version AND v.niveau = d.caisse
    WHERE
        v.periode = 'mois'
        AND (
            v.statut = 'non_fourni'
            OR v.statut = 'definitif' AND (v.denominateur IS NULL OR v.denominateur >= d.seuil)
        )
    WINDOW caisses AS (PARTITION BY v.code, v.version, v.mois)
),

reparties AS (
    SELECT
        c.code,
        c.version,
        c.mois,
        min(c.valeur) AS mini,
        marts.rapport(
            min(c.valeur) FILTER (WHERE c.rang >= ceil(c.nb * 0.1))
            + min(c.valeur) FILTER (WHERE c.rang >= floor(c.nb * 0.1) + 1), 2
        ) AS d1,
        marts.rapport(
            min(c.valeur) FILTER (WHERE c.rang >= ceil(c.nb * 0.5))
            + min(c.valeur) FILTER (WHERE c.rang >= floor(c.nb * 0.5) + 1), 2
        ) AS mediane,
        marts.rapport(
            min(c.valeur) FILTER (WHERE c.rang >= ceil(c.nb * 0.9))
            + min(c.valeur) FILTER (WHERE c.rang >= floor(c.nb * 0.9) + 1), 2
        ) AS d9,
        max(c.valeur) AS maxi,
        count(*) AS nb_attendues,
        count(c.valeur) AS nb_fournies,
        count(*) FILTER (WHERE c.atteinte = 'atteinte') AS nb_atteint
    FROM caisses AS c
    GROUP BY c.code, c.version, c.mois
)

SELECT
    n.code,
    n.version,
    n.mois,
    n.valeur AS valeur_nationale,
    r.mini,
    r.d1,
    r.mediane,
    r.d9,
    r.maxi,
    coalesce(r.nb_attendues, 0) AS nb_attendues,
    coalesce(r.nb_fournies, 0) AS nb_fournies,
    CASE WHEN n.cible IS NOT NULL THEN r.nb_atteint END AS nb_atteint,
    CASE WHEN n.cible IS NOT NULL THEN marts.rapport(r.nb_atteint, r.nb_attendues) END AS part_atteint,
    n.atteinte AS atteinte_nationale,
    CASE
        WHEN n.cible IS NULL OR d.part_minimale IS NULL OR r.nb_attendues IS NULL THEN NULL
        WHEN marts.rapport(r.nb_atteint, r.nb_attendues) >= d.part_minimale THEN 'atteinte'
        ELSE 'non_atteinte'
    END AS atteinte_homogeneite
FROM valeur AS n
INNER JOIN definition AS d ON n.code = d.code AND n.version = d.version
LEFT JOIN reparties AS r ON n.code = r.code AND n.version = r.version AND n.mois = r.mois
WHERE
    n.niveau = 'national' AND n.periode = 'mois' AND d.caisse IS NOT NULL
    AND n.statut NOT IN ('provisoire', 'pas_encore_du')
