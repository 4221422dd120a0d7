-- purpose: what every territory adds up to, the same sums at every level and for every period
-- grain: one row a (definition, month, period, territory that is given something), one more a class of its
--        histogram
-- inputs: pg_temp.definition, pg_temp.terme_nouveau, pg_temp.echeance, marts.calcul, marts.reprise,
--         marts.terme, marts.situer
-- parameters: :nation (the code of the national territory)
-- a period adds up its months that can no longer move: the others are told (provisoire); maxi, mini: the
-- extreme local rates of a dispersion
-- source: IGAS 2013-164R note 4 (national = sum / sum)

CREATE TEMPORARY TABLE somme ON COMMIT DROP AS
WITH connus AS (
    SELECT c.mois FROM marts.calcul AS c
    UNION
    SELECT r.mois FROM marts.reprise AS r
),

donnees AS (
    SELECT
        t.code,
        t.version,
        t.mois,
        'mois' AS periode,
        t.code_caf,
        t.code_cpam,
        t.classe,
        t.numerateur,
        t.denominateur,
        TRUE AS donne,
        NOT t.definitif AS provisoire
    FROM terme_nouveau AS t
    UNION ALL
    -- the months of each unit first: the levels then add up twelve times fewer rows
    SELECT
        e.code,
        e.version,
        e.mois,
        e.periode,
        t.code_caf,
        t.code_cpam,
        t.classe,
        sum(t.numerateur) FILTER (WHERE t.definitif) AS numerateur,
        sum(t.denominateur) FILTER (WHERE t.definitif) AS denominateur,
        bool_or(t.definitif) AS donne,
        NOT bool_and(t.definitif) AS provisoire
    FROM echeance AS e
    INNER JOIN connus AS c ON c.mois >= coalesce(e.debut, '') AND e.mois >= c.mois
    INNER JOIN marts.terme AS t ON c.mois = t.mois AND e.code = t.code AND e.version = t.version
    WHERE e.periode <> 'mois' AND (t.definitif OR t.classe IS NULL)
    GROUP BY e.code, e.version, e.mois, e.periode, t.code_caf, t.code_cpam, t.classe
),

-- the months of a period are added up first: what follows has a row a unit
unites AS (
    SELECT
        d.code,
        d.version,
        d.mois,
        d.periode,
        d.code_caf,
        d.code_cpam,
        d.classe,
        sum(d.numerateur) FILTER (WHERE d.donne) AS numerateur,
        sum(d.denominateur) FILTER (WHERE d.donne) AS denominateur,
        bool_or(d.donne) AS donne,
        bool_or(d.provisoire) AS provisoire
    FROM donnees AS d
    GROUP BY d.code, d.version, d.mois, d.periode, d.code_caf, d.code_cpam, d.classe
),

lieux AS (
    SELECT DISTINCT
        u.mois,
        u.code_caf,
        u.code_cpam
    FROM unites AS u
),

appartenances AS (
    SELECT
        l.mois,
        l.code_caf,
        l.code_cpam,
        s.niveau,
        s.territoire
    FROM lieux AS l
    CROSS JOIN
        LATERAL marts.situer(
            l.code_caf, l.code_cpam, l.mois, CAST(:nation AS text)
        ) AS s (niveau, territoire)
),

situees AS (
    SELECT
        u.code,
        u.version,
        u.mois,
        u.periode,
        u.classe,
        a.niveau,
        a.territoire,
        u.numerateur,
        u.denominateur,
        u.donne,
        u.provisoire,
        CASE
            WHEN
                d.type = 'dispersion' AND u.classe IS NULL AND u.denominateur > 0
                AND u.denominateur >= d.seuil
                THEN marts.rapport(u.numerateur, u.denominateur)
        END AS local
    FROM unites AS u
    INNER JOIN definition AS d ON u.code = d.code AND u.version = d.version
    INNER JOIN appartenances AS a
        ON
            u.mois = a.mois
            AND coalesce(u.code_caf, '') = coalesce(a.code_caf, '')
            AND coalesce(u.code_cpam, '') = coalesce(a.code_cpam, '')
            AND a.niveau = any(d.niveaux)
)

SELECT
    s.code,
    s.version,
    s.mois,
    s.periode,
    s.classe,
    s.niveau,
    s.territoire,
    sum(s.numerateur) AS numerateur,
    sum(s.denominateur) AS denominateur,
    bool_or(s.donne) AS donne,
    bool_or(s.provisoire) AS provisoire,
    CASE WHEN count(s.local) > 1 THEN max(s.local) END AS maxi,
    CASE WHEN count(s.local) > 1 THEN min(s.local) END AS mini
FROM situees AS s
GROUP BY s.code, s.version, s.mois, s.periode, s.classe, s.niveau, s.territoire
