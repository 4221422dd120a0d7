-- purpose: make room for the lines of the month whose person was transmitted already
-- grain: the month
-- inputs: staging.deja_transmis
-- parameters: :mois

DELETE FROM staging.deja_transmis WHERE mois = :mois
