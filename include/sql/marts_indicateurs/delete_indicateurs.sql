-- purpose: make room for the indicators of the month
-- grain: the month
-- inputs: marts.indicateur
-- parameters: :mois

DELETE FROM marts.indicateur WHERE mois = :mois
