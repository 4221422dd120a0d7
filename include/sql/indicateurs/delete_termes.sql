-- purpose: make room for the terms of the month, and of the evolutions that look back on it
-- grain: the month; one row a (definition, month)
-- inputs: pg_temp.lecture
-- parameters: :mois, :mois_touches (it, and the others that were computed with it)

DELETE FROM marts.terme AS t
WHERE
    t.mois = any(CAST(:mois_touches AS text[]))
    AND (
        t.mois = :mois
        OR EXISTS (
            SELECT FROM lecture AS l WHERE l.mois = t.mois AND l.code = t.code AND l.version = t.version
        )
    )
