-- purpose: what is published: of the months of a span and of the years that they close
-- grain: one row an indicator, month or year, level and territory
-- inputs: diffusion.indicateur
-- parameters: :debut_mois, :fin_mois (null: no bound)

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
    i.statut,
    (i.publie_le AT TIME ZONE 'Europe/Paris')::date AS publie_le,
    (i.corrige_le AT TIME ZONE 'Europe/Paris')::date AS corrige_le,
    i.portee
FROM diffusion.indicateur AS i
WHERE i.mois BETWEEN coalesce(:debut_mois, i.mois) AND coalesce(:fin_mois, i.mois)
ORDER BY i.code, i.version, i.mois, i.periode, i.niveau, i.territoire
