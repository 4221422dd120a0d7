-- purpose: the monthly seals, for their hash
-- grain: one row a chain and seal
-- inputs: suivi.sceau
-- parameters: none

SELECT
    s.scelle_pour,
    s.mois,
    s.code_caf,
    s.dernier_id,
    s.nombre,
    encode(s.hash, 'hex') AS hash
FROM suivi.sceau AS s
ORDER BY s.scelle_pour, s.mois, s.code_caf
