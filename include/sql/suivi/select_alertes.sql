-- purpose: the alerts that are open on a subject and month
-- grain: one row a (Caf, rule); an empty Caf is the nation, or a run
-- inputs: suivi.alerte
-- parameters: :sujet, :mois

SELECT
    a.code_caf,
    a.regle,
    a.gravite,
    a.nombre,
    a.depuis,
    a.dite_le
FROM suivi.alerte AS a
WHERE a.sujet = :sujet AND a.mois = :mois
ORDER BY a.regle, a.code_caf
