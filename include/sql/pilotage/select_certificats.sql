-- purpose: certificates of destruction of our own copies, newest first
-- grain: one row a certificate: a lot, or a month as a whole (the nation's code)
-- inputs: suivi.evenement, marts.caf
-- parameters: :mois, :code_caf, :numero (of the event; each null: all)

SELECT
    e.id,
    e.mois,
    e.code_caf,
    e.version,
    e.acteur,
    e.motif,
    e.preuve,
    e.cree_le,
    c.libelle,
    encode(e.hash, 'hex') AS hash
FROM suivi.evenement AS e
LEFT JOIN marts.caf AS c ON e.code_caf = c.code_caf
WHERE
    e.etat = 'expire' AND e.code_cpam IS NULL
    AND (CAST(:mois AS text) IS NULL OR e.mois = :mois)
    AND (CAST(:code_caf AS text) IS NULL OR e.code_caf = :code_caf)
    AND (CAST(:numero AS bigint) IS NULL OR e.id = :numero)
ORDER BY e.id DESC
LIMIT 100
