-- purpose: the monthly values that the marts hold
-- grain: one row an indicator, month, level and territory
-- inputs: marts.indicateur
-- parameters: :debut_mois, :fin_mois, :niveaux, :territoires, :codes (null: all)

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
    AND (CAST(:niveaux AS text[]) IS NULL OR i.niveau = any(CAST(:niveaux AS text[])))
    AND (CAST(:territoires AS text[]) IS NULL OR i.territoire = any(CAST(:territoires AS text[])))
    AND (CAST(:codes AS text[]) IS NULL OR i.code = any(CAST(:codes AS text[])))
ORDER BY i.mois, i.code, i.version, i.niveau, i.territoire
