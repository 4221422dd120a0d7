-- purpose: the trace of a lot, a month or a Caf, for its export
-- grain: one row an event, oldest first
-- inputs: suivi.evenement
-- parameters: :mois (null: every month), :code_caf (null: every Caf)

SELECT
    e.id,
    e.mois,
    e.code_caf,
    e.version,
    e.code_cpam,
    e.etat,
    e.acteur,
    e.compte,
    e.motif,
    e.preuve,
    to_char(e.cree_le AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS cree_le,
    encode(e.hash_precedent, 'hex') AS hash_precedent,
    encode(e.hash, 'hex') AS hash
FROM suivi.evenement AS e
WHERE
    (CAST(:mois AS text) IS NULL OR e.mois = :mois)
    AND (CAST(:code_caf AS text) IS NULL OR e.code_caf = :code_caf)
ORDER BY e.id
