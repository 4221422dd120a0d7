-- purpose: the monthly indicators that reports draw on: nation, Caf, Cpam
-- grain: one row an indicator, month, level and territory
-- inputs: marts.indicateur
-- parameters: :debut_mois, :mois

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
WHERE
    i.mois BETWEEN :debut_mois AND :mois
    AND i.niveau IN ('national', 'caf', 'cpam')
ORDER BY i.mois, i.code, i.version, i.niveau, i.territoire
