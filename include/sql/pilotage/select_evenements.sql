-- purpose: the trace of a lot, a Caf or a month: what was done, by whom, why, newest first
-- grain: one row an event
-- inputs: marts.caf, marts.cpam, suivi.evenement
-- parameters: :mois, :code_caf, :version (each null: all)

SELECT
    e.id,
    e.mois,
    e.code_caf,
    e.version,
    e.code_cpam,
    e.etat,
    e.acteur,
    e.motif,
    e.cree_le,
    m.nom AS nom_cpam,
    coalesce(c.libelle, e.code_caf) AS libelle,
    encode(e.hash, 'hex') AS hash
FROM suivi.evenement AS e
LEFT JOIN marts.caf AS c ON e.code_caf = c.code_caf
LEFT JOIN marts.cpam AS m ON e.code_cpam = m.code_cpam
WHERE
    (CAST(:mois AS text) IS NULL OR e.mois = :mois)
    AND (CAST(:code_caf AS text) IS NULL OR e.code_caf = :code_caf)
    AND (CAST(:version AS integer) IS NULL OR e.version = :version)
ORDER BY e.id DESC
LIMIT 300
