-- purpose: people eligible for a benefit who have no right to it, from the year's population file; nothing
--          until it is there, nor where more people receive it than are eligible (the gate tells that)
-- grain: one row a Caf and benefit, in the month that closes the year
-- inputs: marts.mesure: population_eligible (file), beneficiaires (twelve months that end with the month)
-- horizon: declaration
-- compte: personnes
-- denombre: les personnes éligibles sans droit
-- inclus_dans: ajpa < population_eligible.ajpa ; ajpp < population_eligible.ajpp
-- parameters: :mois
-- source: IGAS 2013-164R rec. 6

SELECT
    p.code_caf,
    p.modalite,
    p.valeur - b.valeur AS valeur
FROM marts.mesure AS p
INNER JOIN marts.mesure AS b ON p.mois = b.mois AND p.code_caf = b.code_caf AND p.modalite = b.modalite
WHERE
    p.mois = :mois AND p.mesure = 'population_eligible' AND b.mesure = 'beneficiaires'
    AND b.valeur <= p.valeur
