-- purpose: make room for the homogeneity of the month, and of the others that were computed with it
-- grain: the month; one row a (definition, month)
-- inputs: pg_temp.echeance
-- parameters: :mois, :mois_touches (it, and the others that were computed with it)

DELETE FROM marts.homogeneite AS h
WHERE
    h.mois = any(CAST(:mois_touches AS text[]))
    AND (
        h.mois = :mois
        OR EXISTS (
            SELECT FROM echeance AS e
            WHERE e.periode = 'mois' AND e.mois = h.mois AND e.code = h.code AND e.version = h.version
        )
    )
