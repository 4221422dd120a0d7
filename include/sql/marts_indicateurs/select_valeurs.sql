-- purpose: the month's values as they were computed, for the engine that checks this one
-- grain: one row a (definition, territory)
-- inputs: marts.indicateur
-- parameters: :mois

SELECT
    i.code,
    i.version,
    i.mois,
    'mois' AS periode,
    i.niveau,
    i.territoire,
    i.numerateur,
    i.denominateur,
    i.valeur,
    i.cible,
    i.atteinte,
    i.statut
FROM marts.indicateur AS i
WHERE i.mois = :mois
