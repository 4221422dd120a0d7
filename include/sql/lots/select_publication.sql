-- purpose: tell whether the published month drops lots
-- grain: one boolean; no row when the month is not published
-- inputs: core.publication
-- parameters: :mois

SELECT p.depot FROM core.publication AS p WHERE p.mois = :mois
