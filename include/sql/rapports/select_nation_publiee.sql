-- purpose: what is published of the nation's months
-- grain: one row an indicator and month
-- inputs: diffusion.indicateur
-- parameters: :debut_mois, :mois

SELECT
    i.code,
    i.version,
    i.mois,
    i.periode,
    i.niveau,
    i.territoire,
    i.numerateur,
    i.denominateur,
    i.valeur,
    i.cible,
    i.atteinte,
    i.statut
FROM diffusion.indicateur AS i
WHERE i.niveau = 'national' AND i.periode = 'mois' AND i.mois BETWEEN :debut_mois AND :mois
ORDER BY i.code, i.version, i.mois
