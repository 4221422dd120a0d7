-- purpose: who the carers of a closed half-year are; its month is the half-year's last
-- grain: one row a Cpam and <dimension>:<modality>
-- inputs: staging.retour_courant
-- horizon: declaration
-- compte: personnes
-- denombre: les aidants reçus du semestre, par profil
-- inclus_dans: chaque < retour_semestriel.rdv_honores
-- parameters: :mois

SELECT
    r.code_cpam,
    concat(r.mesure, ':', r.modalite) AS modalite,
    r.personnes AS valeur
FROM staging.retour_courant AS r
WHERE r.mois = :mois AND r.forme = 'profil'
