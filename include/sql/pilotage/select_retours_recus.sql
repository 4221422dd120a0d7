-- purpose: the returns that were received, and what their gate says of them: the held ones first
-- grain: one row a Caf, Cpam, shape and period
-- inputs: suivi.retour_recu, marts.caf, marts.cpam
-- parameters: :code_caf, :mois (each null: all)

SELECT
    r.code_caf,
    coalesce(c.libelle, r.code_caf) AS libelle,
    r.code_cpam,
    p.nom AS nom_cpam,
    r.forme,
    r.periode,
    r.recu_le,
    r.etat
FROM suivi.retour_recu AS r
LEFT JOIN marts.caf AS c ON r.code_caf = c.code_caf
LEFT JOIN marts.cpam AS p ON r.code_cpam = p.code_cpam
WHERE
    (CAST(:code_caf AS text) IS NULL OR r.code_caf = :code_caf)
    AND (CAST(:mois AS text) IS NULL OR r.mois = :mois)
ORDER BY r.etat = 'retenu' DESC, r.recu_le DESC, r.code_caf ASC, r.code_cpam ASC
LIMIT 100
