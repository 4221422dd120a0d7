-- purpose: one indicator of the month from its measures, by the same formula at every level
-- grain: one row a territory: the nation, each region, each Caf
-- inputs: marts.mesure, marts.caf
-- parameters: :mois, :code, :version, :numerateur, :numerateur_modalite, :denominateur,
--             :denominateur_modalite (denominateur null: a count), :cible (null: none), :sens (plus or
--             moins: what is better)
-- source: IGAS 2013-164R note 4 (national = sum of numerators / sum of denominators), 2017-008R §17
--         (non fourni)

WITH mesures AS (
    SELECT
        m.code_caf,
        sum(m.valeur) FILTER (
            WHERE m.mesure = :numerateur AND m.modalite = :numerateur_modalite
        ) AS numerateur,
        sum(m.valeur) FILTER (
            WHERE m.mesure = CAST(:denominateur AS text) AND m.modalite = CAST(:denominateur_modalite AS text)
        ) AS denominateur
    FROM marts.mesure AS m
    WHERE m.mois = :mois
    GROUP BY m.code_caf
),

-- A rate counts a Caf only if it gives both terms: two sums over different Caf would make a rate of nothing.
completes AS (
    SELECT
        m.code_caf,
        CASE
            WHEN CAST(:denominateur AS text) IS NULL OR m.denominateur IS NOT NULL THEN m.numerateur
        END AS numerateur,
        CASE WHEN m.numerateur IS NOT NULL THEN m.denominateur END AS denominateur
    FROM mesures AS m
),

territoires AS (
    SELECT
        CASE
            WHEN grouping(c.code_caf) = 0 THEN 'caf'
            WHEN grouping(c.code_region) = 0 THEN 'region'
            ELSE 'national'
        END AS niveau,
        coalesce(c.code_caf, c.code_region, 'FR') AS territoire,
        sum(m.numerateur) AS numerateur,
        sum(m.denominateur) AS denominateur
    FROM marts.caf AS c
    LEFT JOIN completes AS m ON c.code_caf = m.code_caf
    GROUP BY GROUPING SETS ((), (c.code_region), (c.code_caf))
),

valeurs AS (
    SELECT
        t.niveau,
        t.territoire,
        t.numerateur,
        t.denominateur,
        CASE
            WHEN t.numerateur IS NULL THEN 'non_fourni'
            WHEN t.denominateur = 0 THEN 'sans_objet'
            ELSE 'fourni'
        END AS statut,
        CASE
            WHEN CAST(:denominateur AS text) IS NULL THEN t.numerateur
            ELSE t.numerateur / nullif(t.denominateur, 0)
        END AS valeur
    FROM territoires AS t
)

INSERT INTO marts.indicateur
(code, version, mois, niveau, territoire, numerateur, denominateur, valeur, cible, atteinte, statut)
SELECT
    :code AS code,
    :version AS version,
    :mois AS mois,
    v.niveau,
    v.territoire,
    v.numerateur,
    v.denominateur,
    v.valeur,
    CAST(:cible AS numeric) AS cible,
    CASE
        WHEN CAST(:cible AS numeric) IS NULL OR v.statut = 'sans_objet' THEN NULL
        WHEN v.statut = 'non_fourni' THEN 'non_atteinte'
        WHEN :sens = 'plus' AND v.valeur >= CAST(:cible AS numeric) THEN 'atteinte'
        WHEN :sens = 'moins' AND v.valeur <= CAST(:cible AS numeric) THEN 'atteinte'
        ELSE 'non_atteinte'
    END AS atteinte,
    v.statut
FROM valeurs AS v
