-- purpose: publish a cell of a vintage
-- grain: one cell
-- inputs: the caller's
-- parameters: :millesime, :code, :version, :mois, :periode, :niveau, :territoire, :numerateur, :denominateur,
--             :valeur, :cible, :atteinte, :statut

INSERT INTO diffusion.indicateur (
    millesime, code, version, mois, periode, niveau, territoire, numerateur, denominateur, valeur, cible,
    atteinte, statut
)
VALUES (
    :millesime, :code, :version, :mois, :periode, :niveau, :territoire, :numerateur, :denominateur, :valeur,
    :cible, :atteinte, :statut
)
