-- purpose: national values of the month beside earlier ones, and what is published of them
-- grain: one row an indicator and version
-- inputs: marts.indicateur, marts.homogeneite, diffusion.indicateur
-- parameters: :mois, :precedent, :an_dernier

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
    d.statut AS publication,
    d.valeur AS valeur_publiee
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
LEFT JOIN diffusion.indicateur AS d
    ON
        i.code = d.code AND i.version = d.version AND i.mois = d.mois AND i.niveau = d.niveau
        AND i.territoire = d.territoire AND d.periode = 'mois'
WHERE i.mois = :mois AND i.niveau = 'national'
ORDER BY i.code, i.version
