-- purpose: the rows of one Caf's lot, each with its recipient where that is certain
-- grain: one row a person
-- inputs: core.demandeur, marts.convention, marts.perimetre, suivi.perimetre_de_caf
-- parameters: :mois, :code_caf
-- source: IT 2025-098 §2.1 (e-mail, telephone, postcode, and nothing else)

WITH cpam_de_la_caf AS (
    SELECT DISTINCT c.code_cpam
    FROM marts.convention AS c
    WHERE c.code_caf = :code_caf
),

-- Most Caf have one Cpam: no perimeter is read for theirs.
decoupage AS (
    SELECT
        (SELECT count(*) > 1 FROM cpam_de_la_caf)
        AND EXISTS (
            SELECT FROM suivi.perimetre_de_caf AS p
            WHERE p.code_caf = :code_caf AND (p.par_fichier OR p.par_acte)
        ) AS confirme
),

attribution AS MATERIALIZED (
    SELECT
        p.code_postal,
        min(p.code_cpam) AS code_cpam
    FROM marts.perimetre AS p
    INNER JOIN cpam_de_la_caf AS c ON p.code_cpam = c.code_cpam
    WHERE
        (SELECT d.confirme FROM decoupage AS d)
        AND (to_date(:mois, 'YYYY-MM') + interval '1 month - 1 day')::date
        BETWEEN p.valable_du AND p.valable_au
    GROUP BY p.code_postal
    HAVING count(*) = 1
)

SELECT
    coalesce(d.courriel, '') AS courriel,
    coalesce(d.telephone, '') AS telephone,
    coalesce(d.code_postal, '') AS code_postal,
    CASE WHEN decoupage.confirme THEN coalesce(a.code_cpam, 'a_repartir') END AS destinataire,
    d.id_personne
FROM core.demandeur AS d
CROSS JOIN decoupage
LEFT JOIN attribution AS a ON d.code_postal = a.code_postal
WHERE d.mois = :mois AND d.code_caf = :code_caf
