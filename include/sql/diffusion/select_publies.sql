-- purpose: the cells of the last vintage of the month
-- grain: one row an indicator, level and territory
-- inputs: diffusion.indicateur
-- parameters: :mois, :periode

SELECT
    i.millesime,
    i.code,
    i.version,
    i.mois,
    i.periode,
    i.niveau,
    i.territoire,
    i.numerateur,
    i.denominateur,
    i.valeur,
    i.cible,
    i.atteinte,
    i.statut
FROM diffusion.indicateur AS i
WHERE
    i.mois = :mois AND i.periode = :periode
    -- Found once: what the view joins is planned badly while the run's own rows are not yet counted.
    AND i.millesime = (
        SELECT max(d.millesime) FROM diffusion.indicateur AS d WHERE d.mois = :mois AND d.periode = :periode
    )
ORDER BY i.code, i.version, i.niveau, i.territoire
