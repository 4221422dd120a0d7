-- purpose: withdraw what is no longer published: its definition keeps it, or its value is not final
-- grain: one row an indicator, month or year, level and territory
-- inputs: the caller's
-- parameters: :code, :version, :mois, :periode, :niveau, :territoire

DELETE FROM diffusion.indicateur
WHERE
    mois = :mois AND periode = :periode AND code = :code AND version = :version AND niveau = :niveau
    AND territoire = :territoire
