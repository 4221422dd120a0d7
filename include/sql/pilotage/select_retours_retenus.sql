-- purpose: the returns that their gate holds
-- grain: one row a Caf, Cpam, shape and period, oldest first
-- inputs: suivi.mois_retenu, suivi.retour_recu, marts.cpam
-- parameters: none

SELECT
    r.code_caf,
    r.mois,
    r.forme,
    r.periode,
    r.recu_le,
    p.nom AS nom_cpam
FROM suivi.retour_recu AS r
LEFT JOIN marts.cpam AS p ON r.code_cpam = p.code_cpam
WHERE r.mois = any(array(SELECT t.mois FROM suivi.mois_retenu AS t)) AND r.etat = 'retenu'
ORDER BY r.recu_le, r.code_caf, r.code_cpam
