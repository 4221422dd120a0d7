-- purpose: make room for the homogeneity of months, and of the others that were computed with them
-- grain: the months; one row a (definition, month)
-- inputs: pg_temp.echeance
-- parameters: :mois, :mois_touches (they, and the others that were computed with them)

DELETE FROM marts.homogeneite AS h
WHERE
    h.mois = any(CAST(:mois_touches AS text[]))
    AND (
        h.mois = any(CAST(:mois AS text[]))
        OR EXISTS (
            SELECT FROM echeance AS e
            WHERE e.periode = 'mois' AND e.mois = h.mois AND e.code = h.code AND e.version = h.version
        )
    )
