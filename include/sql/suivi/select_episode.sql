-- purpose: how often a DAG's month recovered, and whether a failure was told since
-- grain: one row
-- inputs: suivi.avis; keys echec/<dag>/<mois>/<n>/<run> and retour/<dag>/<mois>/<n>, n from 0
-- parameters: :dag, :mois

WITH retours AS (
    SELECT count(*) AS nombre
    FROM suivi.avis AS a
    WHERE strpos(a.cle, concat('retour/', CAST(:dag AS text), '/', CAST(:mois AS text), '/')) = 1
),

echecs AS (
    SELECT count(*) AS nombre
    FROM suivi.avis AS a
    INNER JOIN retours AS r
        ON strpos(
            a.cle, concat('echec/', CAST(:dag AS text), '/', CAST(:mois AS text), '/', r.nombre, '/')
        ) = 1
)

SELECT
    r.nombre AS retours,
    e.nombre > 0 AS en_echec
FROM retours AS r
CROSS JOIN echecs AS e
