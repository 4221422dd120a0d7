-- purpose: the indicators of the month as the marts hold them
-- grain: one row an indicator, level and territory
-- inputs: marts.indicateur
-- parameters: :mois, :niveau (null: all)

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
    i.statut,
    i.definitif_le
FROM marts.indicateur AS i
WHERE i.mois = :mois AND i.niveau = coalesce(CAST(:niveau AS text), i.niveau)
ORDER BY i.code, i.version, i.niveau, i.territoire
