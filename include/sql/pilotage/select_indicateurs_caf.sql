-- purpose: a Caf's indicators of the month beside the nation's, and what the last vintage shows
-- grain: one row an indicator and version
-- inputs: marts.indicateur, diffusion.indicateur
-- parameters: :mois, :code_caf

SELECT
    i.code,
    i.version,
    i.valeur,
    i.denominateur,
    i.atteinte,
    i.statut,
    n.valeur AS valeur_nationale,
    d.statut AS publication,
    d.valeur AS valeur_publiee
FROM marts.indicateur AS i
INNER JOIN marts.indicateur AS n
    ON i.code = n.code AND i.version = n.version AND i.mois = n.mois AND n.niveau = 'national'
LEFT JOIN diffusion.indicateur AS d
    ON
        i.code = d.code AND i.version = d.version AND i.mois = d.mois AND i.niveau = d.niveau
        AND i.territoire = d.territoire AND d.periode = 'mois'
        AND d.millesime = (
            SELECT max(r.millesime) FROM diffusion.indicateur AS r WHERE r.mois = :mois AND r.periode = 'mois'
        )
WHERE i.mois = :mois AND i.niveau = 'caf' AND i.territoire = :code_caf
ORDER BY i.code, i.version
