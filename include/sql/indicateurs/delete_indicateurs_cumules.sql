-- purpose: make room for the cumulated values of months, and for the later ones that were computed with them
-- grain: the months; one row a (definition, month, period)
-- inputs: pg_temp.echeance
-- parameters: :mois, :mois_touches (they, and the others that were computed with them)

DELETE FROM marts.indicateur_cumule AS i
WHERE
    i.mois = any(CAST(:mois_touches AS text[]))
    AND (
        i.mois = any(CAST(:mois AS text[]))
        OR EXISTS (
            SELECT FROM echeance AS e
            WHERE e.periode = i.periode AND e.mois = i.mois AND e.code = i.code AND e.version = i.version
        )
    )
