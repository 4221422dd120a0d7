-- purpose: the formula: from sums to values, the same at every level and for every period
-- grain: one row a (definition, month, period, territory), given or not
-- inputs: pg_temp.definition, pg_temp.lecture, pg_temp.retard, pg_temp.echeance, pg_temp.somme, marts.lieu
-- parameters: :jour (the day of the computation), :nation (the code of the national territory)
-- source: IGAS 2013-164R rec. 5 (dispersion), rec. 13 and §95 (quantiles, beyond);
--         2017-008R §17 (non fourni); annexe 5, « à M + 4 ».
--         The same in Python: aller_vers.indicateurs.formule, calcul

CREATE TEMPORARY TABLE valeur ON COMMIT DROP AS
WITH rangs AS (
    SELECT
        s.numero,
        s.niveau,
        s.territoire,
        s.classe,
        s.numerateur AS nombre,
        d.quantile,
        sum(s.numerateur) OVER (territoire) AS total,
        sum(s.numerateur) OVER (territoire ORDER BY s.classe) AS cumul
    FROM somme AS s
    INNER JOIN echeance AS e ON s.numero = e.numero
    INNER JOIN definition AS d ON e.code = d.code AND e.version = d.version
    WHERE s.classe IS NOT NULL
    WINDOW territoire AS (PARTITION BY s.numero, s.niveau, s.territoire)
),

histogrammes AS (
    SELECT
        r.numero,
        r.niveau,
        r.territoire,
        sum(r.nombre) AS nombre,
        sum(r.classe * r.nombre) AS somme,
        min(r.classe) FILTER (WHERE r.cumul >= ceil(r.total * r.quantile)) AS bas,
        min(r.classe) FILTER (WHERE r.cumul >= floor(r.total * r.quantile) + 1) AS haut,
        sum(
            r.classe * greatest(r.cumul - greatest(r.cumul - r.nombre, r.total * r.quantile), 0)
        ) AS au_dela
    FROM rangs AS r
    GROUP BY r.numero, r.niveau, r.territoire
),

territoires AS (
    SELECT
        'national' AS niveau,
        CAST(:nation AS text) AS territoire,
        date '0001-01-01' AS valable_du,
        date '9999-12-31' AS valable_au
    UNION ALL
    SELECT
        l.niveau,
        l.territoire,
        l.valable_du,
        l.valable_au
    FROM marts.lieu AS l
),

-- what a territory waits for besides its month: the last of its lots that came later
attentes AS (
    SELECT
        e.numero,
        s.niveau,
        s.territoire,
        max(r.definitif_le) AS definitif_le
    FROM lecture AS l
    INNER JOIN echeance AS e
        ON l.code = e.code AND l.version = e.version AND l.mois = e.mois AND e.periode = 'mois'
    INNER JOIN definition AS d ON l.code = d.code AND l.version = d.version
    INNER JOIN retard AS r ON l.mois_lu = r.mois AND l.mesure = r.mesure
    CROSS JOIN
        LATERAL marts.situer(
            CASE WHEN d.maille IN ('caf', 'couple') THEN r.code_caf END,
            CASE WHEN d.maille IN ('cpam', 'couple') THEN r.code_cpam END, l.mois, CAST(:nation AS text)
        ) AS s (niveau, territoire)
    WHERE r.code_caf IS NOT NULL AND r.code_cpam IS NOT NULL
    GROUP BY e.numero, s.niveau, s.territoire
),

termes AS (
    SELECT
        e.code,
        e.version,
        e.mois,
        e.periode,
        t.niveau,
        t.territoire,
        d.type,
        d.sens,
        d.bande,
        e.cible,
        e.decision,
        e.abandonne,
        greatest(e.definitif_le, a.definitif_le) AS definitif_le,
        coalesce(s.donne, FALSE) AS donne,
        greatest(e.definitif_le, a.definitif_le) > CAST(:jour AS date)
        OR coalesce(s.provisoire, FALSE) AS attendu,
        h.bas + h.haut AS double_quantile,
        h.au_dela,
        h.nombre * (1 - d.quantile) AS nombre_au_dela,
        CASE
            WHEN d.type IN ('quantile', 'au_dela') OR e.abandonne OR s.donne IS NOT TRUE THEN NULL
            WHEN d.histogramme THEN coalesce(h.somme, 0)
            WHEN d.type = 'dispersion' THEN s.maxi
            ELSE s.numerateur
        END AS numerateur,
        CASE
            WHEN d.type = 'compte' OR e.abandonne OR s.donne IS NOT TRUE THEN NULL
            WHEN d.histogramme THEN coalesce(h.nombre, 0)
            WHEN d.type = 'dispersion' THEN s.mini
            ELSE s.denominateur
        END AS denominateur
    FROM echeance AS e
    INNER JOIN definition AS d ON e.code = d.code AND e.version = d.version
    INNER JOIN territoires AS t
        ON t.niveau = any(d.niveaux) AND e.arrete BETWEEN t.valable_du AND t.valable_au
    LEFT JOIN somme AS s
        ON e.numero = s.numero AND t.niveau = s.niveau AND t.territoire = s.territoire AND s.classe IS NULL
    LEFT JOIN histogrammes AS h
        ON e.numero = h.numero AND t.niveau = h.niveau AND t.territoire = h.territoire
    LEFT JOIN attentes AS a
        ON e.numero = a.numero AND t.niveau = a.niveau AND t.territoire = a.territoire
),

valeurs AS (
    SELECT
        t.*,
        CASE
            WHEN t.abandonne THEN 'sans_objet'
            WHEN NOT t.donne THEN CASE WHEN t.attendu THEN 'pas_encore_du' ELSE 'non_fourni' END
            WHEN t.type <> 'compte' AND coalesce(t.denominateur, 0) <= 0 THEN 'sans_objet'
            WHEN t.attendu THEN 'provisoire'
            ELSE 'definitif'
        END AS statut,
        CASE
            WHEN t.type = 'compte' THEN t.numerateur
            WHEN coalesce(t.denominateur, 0) <= 0 THEN NULL
            WHEN t.type = 'quantile' THEN marts.rapport(t.double_quantile, 2)
            WHEN t.type = 'au_dela' THEN marts.rapport(t.au_dela, t.nombre_au_dela)
            WHEN t.type = 'evolution' THEN marts.rapport(t.numerateur, t.denominateur) - 1
            ELSE marts.rapport(t.numerateur, t.denominateur)
        END AS valeur
    FROM termes AS t
),

manques AS (
    SELECT
        v.*,
        CASE WHEN v.sens = 'plus' THEN v.cible - v.valeur ELSE v.valeur - v.cible END AS manque
    FROM valeurs AS v
)

SELECT
    m.code,
    m.version,
    m.mois,
    m.periode,
    m.niveau,
    m.territoire,
    m.numerateur,
    m.denominateur,
    m.valeur,
    m.cible,
    CASE
        WHEN m.cible IS NULL OR m.statut NOT IN ('definitif', 'non_fourni') THEN NULL
        WHEN m.niveau = 'national' AND m.periode = 'mois' AND m.decision IS NOT NULL THEN m.decision
        WHEN m.statut = 'non_fourni' THEN 'non_atteinte'
        WHEN m.manque <= 0 THEN 'atteinte'
        WHEN m.manque <= m.bande THEN 'quasi_atteinte'
        ELSE 'non_atteinte'
    END AS atteinte,
    m.statut,
    m.definitif_le
FROM manques AS m
