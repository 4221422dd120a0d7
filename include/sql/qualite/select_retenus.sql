-- purpose: the held lots, why, and what was decided on them
-- grain: one row a (month, Caf)
-- inputs: suivi.lot_retenu
-- parameters: :mois (null: every month), :code_caf (null: every Caf)

SELECT
    r.mois,
    r.code_caf,
    r.libelle,
    r.run_id,
    r.rendu_le,
    r.regles,
    r.decision,
    r.acteur,
    r.motif,
    r.decide_le,
    r.detruit
FROM suivi.lot_retenu AS r
WHERE
    (CAST(:mois AS text) IS NULL OR r.mois = :mois)
    AND (CAST(:code_caf AS text) IS NULL OR r.code_caf = :code_caf)
ORDER BY r.mois DESC, r.code_caf ASC
