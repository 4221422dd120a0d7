-- purpose: how many months and lots are certified destroyed: what the proof looks for again
-- grain: one row
-- inputs: suivi.evenement, suivi.destruction
-- parameters: :nation (code of the month as a whole)

WITH detruits AS (
    SELECT
        e.mois,
        e.code_caf
    FROM suivi.evenement AS e
    WHERE e.etat = 'expire' AND e.code_cpam IS NULL
    UNION
    -- The mark of a month outlives its trace.
    SELECT
        d.mois,
        d.code_caf
    FROM suivi.destruction AS d
    WHERE d.comptes = '{}'
)

SELECT
    count(*) FILTER (WHERE d.code_caf = :nation) AS mois,
    count(*) FILTER (WHERE d.code_caf <> :nation) AS lots
FROM detruits AS d
