-- purpose: an indicator's values of the month, everywhere, and what is published of them
-- grain: one row a territory
-- inputs: marts.indicateur, marts.lieu, diffusion.indicateur
-- parameters: :code, :version, :mois

SELECT
    i.niveau,
    i.territoire,
    coalesce(l.libelle, i.territoire) AS libelle,
    i.numerateur,
    i.denominateur,
    i.valeur,
    i.atteinte,
    i.statut,
    d.statut AS publication,
    d.valeur AS valeur_publiee,
    i.definitif_le
FROM marts.indicateur AS i
LEFT JOIN marts.lieu AS l ON i.niveau = l.niveau AND i.territoire = l.territoire
LEFT JOIN diffusion.indicateur AS d
    ON
        i.code = d.code AND i.version = d.version AND i.mois = d.mois AND i.niveau = d.niveau
        AND i.territoire = d.territoire AND d.periode = 'mois'
WHERE i.code = :code AND i.version = :version AND i.mois = :mois
ORDER BY i.niveau, i.territoire
