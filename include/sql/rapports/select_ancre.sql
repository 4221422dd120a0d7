-- purpose: what a chain follows (its purged part, after 36 months) and where it ends
-- grain: one row a chain: of a lot, or of every lot of a month
-- inputs: suivi.chaine
-- parameters: :mois, :code_caf (null: every Caf), :nation (the code of what is no Caf)

SELECT
    c.code_caf,
    c.nombre,
    encode(c.hash, 'hex') AS hash,
    c.ancre_nombre,
    encode(c.ancre_hash, 'hex') AS ancre_hash
FROM suivi.chaine AS c
WHERE
    c.mois = :mois AND c.code_caf <> :nation
    AND (CAST(:code_caf AS text) IS NULL OR c.code_caf = :code_caf)
ORDER BY c.code_caf
