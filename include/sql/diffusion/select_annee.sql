-- purpose: the indicators of a closed year as the marts cumulate them in December
-- grain: one row an indicator, level and territory
-- inputs: marts.indicateur_cumule
-- parameters: :mois

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
    i.statut,
    i.definitif_le
FROM marts.indicateur_cumule AS i
WHERE i.mois = :mois AND i.periode = 'annee'
ORDER BY i.code, i.version, i.niveau, i.territoire
