-- purpose: what the text of a year draws on, of one territory
-- grain: one row an indicator and month
-- inputs: marts.indicateur
-- parameters: :debut_mois, :fin_mois, :niveau, :territoire, :codes

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
    i.mois BETWEEN :debut_mois AND :fin_mois
    AND i.niveau = :niveau AND i.territoire = :territoire
    AND i.code = any(CAST(:codes AS text[]))
ORDER BY i.mois, i.code, i.version
