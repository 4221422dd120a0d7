-- purpose: what every territory adds up to, the same sums at every level and for every period
-- grain: one row a (what is valued, territory that is given something), one more a class of its histogram
-- inputs: pg_temp.definition, pg_temp.echeance, pg_temp.unite, pg_temp.appartenance
-- parameters: none
-- maxi, mini: the extreme local rates of a dispersion
-- source: IGAS 2013-164R note 4 (national = sum / sum)

CREATE TEMPORARY TABLE somme ON COMMIT DROP AS
WITH situees AS (
    SELECT
        u.numero,
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
    FROM unite AS u
    INNER JOIN echeance AS e ON u.numero = e.numero
    INNER JOIN definition AS d ON e.code = d.code AND e.version = d.version
    INNER JOIN appartenance AS a ON u.lieu = a.lieu AND a.niveau = any(d.niveaux)
)

SELECT
    s.numero,
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
GROUP BY s.numero, s.classe, s.niveau, s.territoire
