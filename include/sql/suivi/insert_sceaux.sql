-- purpose: seal, once a month, the head of every chain that moved since its last seal
-- grain: one row a chain; none when the month is sealed already
-- inputs: suivi.chaine, suivi.sceau
-- parameters: :scelle_pour

INSERT INTO suivi.sceau (mois, code_caf, scelle_pour, dernier_id, nombre, hash)
SELECT
    c.mois,
    c.code_caf,
    :scelle_pour AS scelle_pour,
    c.dernier_id,
    c.nombre,
    c.hash
FROM suivi.chaine AS c
WHERE
    NOT EXISTS (SELECT FROM suivi.sceau AS s WHERE s.scelle_pour >= :scelle_pour)
    AND NOT EXISTS (
        SELECT FROM suivi.sceau AS s
        WHERE s.mois = c.mois AND s.code_caf = c.code_caf AND s.dernier_id >= c.dernier_id
    )
