-- purpose: applicants who can be transmitted, by usable contact
-- grain: one row a Caf and modality: tous (transmitted), courriel, telephone
-- inputs: core.demandeur, marts.caf_du
-- horizon: mois
-- compte: personnes
-- denombre: les demandeurs à transmettre, par moyen de contact
-- inclus_dans: courriel < tous ; telephone < tous ; tous < courriel + telephone
-- parameters: :mois

WITH par_caf AS (
    SELECT
        d.code_caf,
        count(*) AS tous,
        count(d.courriel) AS courriel,
        count(d.telephone) AS telephone
    FROM core.demandeur AS d
    WHERE d.mois = :mois
    GROUP BY d.code_caf
)

SELECT
    c.code_caf,
    m.modalite,
    coalesce(m.valeur, 0) AS valeur
FROM marts.caf_du(:mois) AS c
LEFT JOIN par_caf AS p ON c.code_caf = p.code_caf
CROSS JOIN LATERAL (
    VALUES ('tous', p.tous), ('courriel', p.courriel), ('telephone', p.telephone)
) AS m (modalite, valeur)
