-- purpose: publish the values of cumulated periods
-- grain: one row a (definition, month, period, territory)
-- inputs: pg_temp.valeur
-- parameters: none

INSERT INTO marts.indicateur_cumule (
    code, version, mois, periode, niveau, territoire, numerateur, denominateur, valeur, cible, atteinte,
    statut, definitif_le
)
SELECT
    v.code,
    v.version,
    v.mois,
    v.periode,
    v.niveau,
    v.territoire,
    v.numerateur,
    v.denominateur,
    v.valeur,
    v.cible,
    v.atteinte,
    v.statut,
    v.definitif_le
FROM valeur AS v
WHERE v.periode <> 'mois'
