-- purpose: the monthly seals, whole, for the hash of their lines: every one, or the last that holds a chain
-- grain: one row a chain and seal
-- inputs: suivi.sceau
-- parameters: :mois, :code_caf (of a chain; null: every seal)

SELECT
    s.scelle_pour,
    s.mois,
    s.code_caf,
    s.dernier_id,
    s.nombre,
    encode(s.hash, 'hex') AS hash
FROM suivi.sceau AS s
WHERE
    CAST(:code_caf AS text) IS NULL
    OR s.scelle_pour = (
        SELECT max(d.scelle_pour) FROM suivi.sceau AS d WHERE d.mois = :mois AND d.code_caf = :code_caf
    )
ORDER BY s.scelle_pour, s.mois, s.code_caf
