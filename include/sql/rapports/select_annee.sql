-- purpose: what the text of a year draws on
-- grain: one row an indicator, month and territory
-- inputs: marts.indicateur
-- parameters: :debut_mois, :fin_mois, :niveau, :territoires, :codes

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
    AND i.niveau = :niveau AND i.territoire = any(CAST(:territoires AS text[]))
    AND i.code = any(CAST(:codes AS text[]))
ORDER BY i.mois, i.code, i.version, i.territoire
