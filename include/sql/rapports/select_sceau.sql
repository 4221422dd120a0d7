-- purpose: the last seal that holds a chain, whole: its hash is that of all its lines
-- grain: one row a chain of this seal; none when no seal holds the lot's chain
-- inputs: suivi.sceau
-- parameters: :mois, :code_caf

SELECT
    s.scelle_pour,
    s.mois,
    s.code_caf,
    s.dernier_id,
    s.nombre,
    encode(s.hash, 'hex') AS hash
FROM suivi.sceau AS s
WHERE
    s.scelle_pour = (
        SELECT max(d.scelle_pour) FROM suivi.sceau AS d WHERE d.mois = :mois AND d.code_caf = :code_caf
    )
ORDER BY s.mois, s.code_caf
