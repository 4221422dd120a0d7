-- purpose: the months of the lots whose trace is not as a seal holds it: it has moved, or somebody changed it
-- grain: one row a month
-- inputs: suivi.chaine, suivi.sceau
-- parameters: none

SELECT DISTINCT c.mois
FROM suivi.chaine AS c
WHERE
    NOT EXISTS (
        SELECT FROM suivi.sceau AS s
        WHERE
            s.mois = c.mois AND s.code_caf = c.code_caf AND s.dernier_id = c.dernier_id AND s.hash = c.hash
    )
ORDER BY c.mois
