-- purpose: the nation's values of the month beside those of the month and of the year before
-- grain: one row an indicator
-- inputs: marts.indicateur_compare
-- parameters: :mois

SELECT
    c.code,
    c.version,
    c.ecart_mois_precedent,
    c.valeur_annee_precedente,
    c.ecart_annee_precedente
FROM marts.indicateur_compare AS c
WHERE c.mois = :mois AND c.niveau = 'national'
ORDER BY c.code, c.version
