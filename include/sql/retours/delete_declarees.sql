-- purpose: make room for the declared measures that the month's returns give
-- grain: the month and those measures
-- inputs: marts.mesure, staging.retour
-- parameters: :mois

DELETE FROM marts.mesure AS m
WHERE
    m.mois = :mois
    AND m.mesure IN (SELECT r.mesure FROM staging.retour AS r WHERE r.mois = :mois AND r.forme = 'mesure')
