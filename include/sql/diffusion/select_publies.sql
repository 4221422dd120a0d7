-- purpose: what is published: of a month and of the year that it closes, or all of it
-- grain: one row an indicator, month or year, level and territory
-- inputs: diffusion.indicateur
-- parameters: :mois (null: all)

SELECT
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
WHERE i.mois = coalesce(:mois, i.mois)
ORDER BY i.code, i.version, i.mois, i.periode, i.niveau, i.territoire
