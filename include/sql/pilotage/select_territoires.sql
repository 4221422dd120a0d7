-- purpose: an indicator's values of the month in the regions and caisses
-- grain: one row a territory
-- inputs: marts.indicateur, marts.caf, marts.cpam, marts.region
-- parameters: :code, :version, :mois

SELECT
    i.niveau,
    i.territoire,
    coalesce(c.libelle, m.code_cpam || ' · ' || m.nom, r.nom, i.territoire) AS libelle,
    i.numerateur,
    i.denominateur,
    i.valeur,
    i.atteinte,
    i.statut
FROM marts.indicateur AS i
LEFT JOIN marts.caf AS c ON i.niveau = 'caf' AND i.territoire = c.code_caf
LEFT JOIN marts.cpam AS m ON i.niveau = 'cpam' AND i.territoire = m.code_cpam
LEFT JOIN marts.region AS r ON i.niveau = 'region' AND i.territoire = r.code_region
WHERE i.code = :code AND i.version = :version AND i.mois = :mois AND i.niveau <> 'national'
ORDER BY i.niveau, i.territoire
