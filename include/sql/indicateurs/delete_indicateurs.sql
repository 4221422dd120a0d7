-- purpose: make room for the values of months, and for the others that were computed with them
-- grain: the months; one row a (definition, month)
-- inputs: pg_temp.echeance
-- parameters: :mois, :mois_touches (they, and the others that were computed with them)

DELETE FROM marts.indicateur AS i
WHERE
    i.mois = any(CAST(:mois_touches AS text[]))
    AND (
        i.mois = any(CAST(:mois AS text[]))
        OR EXISTS (
            SELECT FROM echeance AS e
            WHERE e.periode = 'mois' AND e.mois = i.mois AND e.code = i.code AND e.version = i.version
        )
    )
