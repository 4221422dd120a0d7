-- purpose: national values of the month beside earlier ones, and what the month's last vintage shows
-- grain: one row an indicator and version
-- inputs: marts.indicateur, marts.homogeneite, diffusion.indicateur
-- parameters: :mois, :precedent, :an_dernier

WITH publie AS (
    SELECT
        d.code,
        d.version,
        max(d.statut) FILTER (WHERE d.niveau = 'national') AS publication,
        max(d.valeur) FILTER (WHERE d.niveau = 'national') AS valeur_publiee,
        count(*) FILTER (WHERE d.niveau = 'caf' AND d.statut = 'secret') AS caf_secretes
    FROM diffusion.indicateur AS d
    WHERE
        d.mois = :mois AND d.periode = 'mois'
        AND d.millesime = (
            SELECT max(r.millesime) FROM diffusion.indicateur AS r WHERE r.mois = :mois AND r.periode = 'mois'
        )
    GROUP BY d.code, d.version
)

SELECT
    i.code,
    i.version,
    i.numerateur,
    i.denominateur,
    i.valeur,
    i.cible,
    i.atteinte,
    i.statut,
    p.valeur AS valeur_precedente,
    a.valeur AS valeur_an_dernier,
    h.part_atteint,
    h.nb_attendues,
    h.nb_fournies,
    i.definitif_le,
    d.publication,
    d.valeur_publiee,
    d.caf_secretes
FROM marts.indicateur AS i
LEFT JOIN marts.indicateur AS p
    ON
        i.code = p.code AND i.version = p.version AND i.territoire = p.territoire
        AND p.niveau = 'national' AND p.mois = :precedent AND p.statut = 'definitif'
        AND i.statut = 'definitif'
LEFT JOIN marts.indicateur AS a
    ON
        i.code = a.code AND i.version = a.version AND i.territoire = a.territoire
        AND a.niveau = 'national' AND a.mois = :an_dernier AND a.statut = 'definitif'
        AND i.statut = 'definitif'
LEFT JOIN marts.homogeneite AS h ON i.code = h.code AND i.version = h.version AND i.mois = h.mois
LEFT JOIN publie AS d ON i.code = d.code AND i.version = d.version
WHERE i.mois = :mois AND i.niveau = 'national'
ORDER BY i.code, i.version
