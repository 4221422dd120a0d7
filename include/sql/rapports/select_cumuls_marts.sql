-- purpose: the nation's cumulated values at the end of the month, beside the same period a year before
-- grain: one row an indicator and period
-- inputs: marts.indicateur_cumule
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
    c.valeur - a.valeur AS ecart
FROM marts.indicateur_cumule AS c
LEFT JOIN marts.indicateur_cumule AS a
    ON
        c.code = a.code AND c.version = a.version AND c.periode = a.periode
        AND c.niveau = a.niveau AND c.territoire = a.territoire AND a.mois = :mois_un_an_avant
WHERE c.mois = :mois AND c.niveau = 'national'
ORDER BY c.code, c.version, c.periode
