-- purpose: a Caf's indicators of the month beside the nation's
-- grain: one row an indicator and version
-- inputs: marts.indicateur
-- parameters: :mois, :code_caf

SELECT
    i.code,
    i.version,
    i.valeur,
    i.denominateur,
    i.atteinte,
    i.statut,
    i.definitif_le,
    n.valeur AS valeur_nationale
FROM marts.indicateur AS i
INNER JOIN marts.indicateur AS n
    ON i.code = n.code AND i.version = n.version AND i.mois = n.mois AND n.niveau = 'national'
WHERE i.mois = :mois AND i.niveau = 'caf' AND i.territoire = :code_caf
ORDER BY i.code, i.version
