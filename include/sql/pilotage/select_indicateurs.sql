-- purpose: national values of the month's indicators beside those of the month and of the year before
-- grain: one row an indicator and version
-- inputs: marts.indicateur, marts.homogeneite
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
    h.nb_caisses
FROM marts.indicateur AS i
LEFT JOIN marts.indicateur AS p
    ON
        i.code = p.code AND i.version = p.version AND i.territoire = p.territoire
        AND p.niveau = 'national' AND p.mois = :precedent
LEFT JOIN marts.indicateur AS a
    ON
        i.code = a.code AND i.version = a.version AND i.territoire = a.territoire
        AND a.niveau = 'national' AND a.mois = :an_dernier
LEFT JOIN marts.homogeneite AS h ON i.code = h.code AND i.version = h.version AND i.mois = h.mois
WHERE i.mois = :mois AND i.niveau = 'national'
ORDER BY i.code, i.version
