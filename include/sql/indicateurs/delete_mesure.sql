-- purpose: make room for a measure of the month
-- grain: the month and measure
-- inputs: marts.mesure
-- parameters: :mois, :mesure

DELETE FROM marts.mesure WHERE mois = :mois AND mesure = :mesure
