-- purpose: publish a value, or its correction: both dated
-- grain: one row an indicator, month or year, level and territory
-- inputs: the caller's
-- parameters: :code, :version, :mois, :periode, :niveau, :territoire, :portee, :numerateur, :denominateur,
--             :valeur, :cible, :atteinte, :statut

INSERT INTO diffusion.indicateur (
    code, version, mois, periode, niveau, territoire, portee, numerateur, denominateur, valeur, cible,
    atteinte, statut
)
VALUES (
    :code, :version, :mois, :periode, :niveau, :territoire, :portee, :numerateur, :denominateur, :valeur,
    :cible, :atteinte, :statut
)
ON CONFLICT (mois, periode, code, version, niveau, territoire) DO UPDATE SET
    portee = excluded.portee,
    numerateur = excluded.numerateur,
    denominateur = excluded.denominateur,
    valeur = excluded.valeur,
    cible = excluded.cible,
    atteinte = excluded.atteinte,
    statut = excluded.statut,
    corrige_le = suivi.maintenant()
