-- purpose: find the chains that are no longer what a monthly seal has sealed
-- grain: one row a chain and seal
-- inputs: suivi.sceau, suivi.evenement, suivi.chaine
-- parameters: :mois (of the lot, array; null: every month)

SELECT
    s.mois,
    s.code_caf,
    s.dernier_id AS id,
    NULL AS etat,
    s.scelle_pour,
    CASE WHEN c.mois IS NULL THEN 'chaine_retiree' ELSE 'sceau_rompu' END AS constat
FROM suivi.sceau AS s
LEFT JOIN suivi.chaine AS c ON s.mois = c.mois AND s.code_caf = c.code_caf
LEFT JOIN suivi.evenement AS e ON s.dernier_id = e.id AND s.mois = e.mois AND s.code_caf = e.code_caf
WHERE
    (CAST(:mois AS text[]) IS NULL OR s.mois = any(CAST(:mois AS text[])))
    AND (
        c.mois IS NULL
        OR s.nombre > c.nombre
        OR (s.dernier_id = c.ancre_id AND s.hash <> c.ancre_hash)
        OR (
            s.dernier_id > c.ancre_id
            AND (
                e.hash IS DISTINCT FROM s.hash
                OR s.nombre <> c.ancre_nombre + (
                    SELECT count(*)
                    FROM suivi.evenement AS v
                    WHERE v.mois = s.mois AND v.code_caf = s.code_caf AND v.id <= s.dernier_id
                )
            )
        )
    )
ORDER BY s.scelle_pour, s.mois, s.code_caf
