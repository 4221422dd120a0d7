-- purpose: the indicators of a closed year as the marts cumulate them in December
-- grain: one row an indicator, level and territory
-- inputs: marts.indicateur
-- parameters: :mois

SELECT
    i.code,
    i.version,
    i.mois,
    'annee' AS periode,
    i.niveau,
    i.territoire,
    i.numerateur,
    i.denominateur,
    i.valeur,
    i.cible,
    i.atteinte,
    i.statut
FROM marts.indicateur AS i
WHERE i.mois = :mois AND to_jsonb(i) ->> 'periode' = 'annee'
ORDER BY i.code, i.version, i.niveau, i.territoire
