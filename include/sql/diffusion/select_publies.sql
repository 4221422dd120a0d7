-- purpose: the cells of the last vintage of the month
-- grain: one row an indicator, level and territory
-- inputs: diffusion.indicateur_courant
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
FROM diffusion.indicateur_courant AS i
WHERE i.mois = :mois AND i.periode = :periode
ORDER BY i.code, i.version, i.niveau, i.territoire
