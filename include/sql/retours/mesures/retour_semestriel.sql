-- purpose: what the appointments of a closed half-year led to; its month is the half-year's last
-- grain: one row a Cpam and column that was provided
-- inputs: staging.retour_courant
-- horizon: declaration
-- compte: personnes
-- denombre: les suites des rendez-vous honorés du semestre
-- inclus_dans: chaque < rdv_honores
-- parameters: :mois

SELECT
    r.code_cpam,
    c.colonne AS modalite,
    c.valeur::integer AS valeur
FROM staging.retour_courant AS r
CROSS JOIN LATERAL jsonb_each_text(r.contenu) AS c (colonne, valeur)
WHERE r.mois = :mois AND r.forme = 'semestriel'
