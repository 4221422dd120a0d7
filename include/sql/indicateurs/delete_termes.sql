-- purpose: make room for the terms of months, and of the evolutions that look back on them
-- grain: the months; one row a (definition, month)
-- inputs: pg_temp.lecture
-- parameters: :mois, :mois_touches (they, and the others that were computed with them)

DELETE FROM marts.terme AS t
WHERE
    t.mois = any(CAST(:mois_touches AS text[]))
    AND (
        t.mois = any(CAST(:mois AS text[]))
        OR EXISTS (
            SELECT FROM lecture AS l WHERE l.mois = t.mois AND l.code = t.code AND l.version = t.version
        )
    )
