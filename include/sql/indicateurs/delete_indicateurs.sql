-- purpose: make room for the values of the month, and for the others that were computed with it
-- grain: the month; one row a (definition, month)
-- inputs: pg_temp.echeance
-- parameters: :mois, :mois_touches (it, and the others that were computed with it)

DELETE FROM marts.indicateur AS i
WHERE
    i.mois = any(CAST(:mois_touches AS text[]))
    AND (
        i.mois = :mois
        OR EXISTS (
            SELECT FROM echeance AS e
            WHERE e.periode = 'mois' AND e.mois = i.mois AND e.code = i.code AND e.version = i.version
        )
    )
