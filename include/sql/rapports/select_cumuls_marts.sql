-- purpose: the nation's cumulated values at the end of the month, beside the same period a year before
-- grain: one row an indicator and period
-- inputs: marts.indicateur_cumule, marts.terme (the months that « depuis l'origine » adds up)
-- parameters: :mois, :mois_un_an_avant

SELECT
    c.code,
    c.version,
    c.periode,
    c.numerateur,
    c.denominateur,
    c.valeur,
    c.statut,
    c.definitif_le,
    a.valeur AS valeur_avant,
    a.statut AS statut_avant,
    a.definitif_le AS definitif_le_avant,
    c.valeur - a.valeur AS ecart,
    o.premier_mois,
    o.nombre_mois
FROM marts.indicateur_cumule AS c
LEFT JOIN marts.indicateur_cumule AS a
    ON
        c.code = a.code AND c.version = a.version AND c.periode = a.periode
        AND c.niveau = a.niveau AND c.territoire = a.territoire AND a.mois = :mois_un_an_avant
LEFT JOIN LATERAL (
    SELECT
        min(t.mois) AS premier_mois,
        count(DISTINCT t.mois) AS nombre_mois
    FROM marts.terme AS t
    WHERE
        c.periode = 'origine' AND t.code = c.code AND t.version = c.version
        AND t.mois <= c.mois AND t.definitif
) AS o ON TRUE
WHERE c.mois = :mois AND c.niveau = 'national'
ORDER BY c.code, c.version, c.periode
