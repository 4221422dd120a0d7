-- A Caf where nobody is counted has zero, unless the source holds nothing at all.
INSERT INTO marts.mesure (mois, mesure, code_caf, modalite, classe, valeur)
SELECT :mois, :mesure, c.code_caf, m.modalite, CAST(:classe AS integer), 0
FROM marts.caf AS c
CROSS JOIN unnest(CAST(:modalites AS text[])) AS m (modalite)
WHERE
    EXISTS (SELECT FROM marts.mesure AS x WHERE x.mois = :mois AND x.mesure = :mesure)
    AND NOT EXISTS (
        SELECT FROM marts.mesure AS x
        WHERE x.mois = :mois AND x.mesure = :mesure AND x.code_caf = c.code_caf AND x.modalite = m.modalite
    )
