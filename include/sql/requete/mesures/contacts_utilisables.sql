-- purpose: applicants who can be transmitted, by usable contact
-- grain: one row a Caf and modality: tous (transmitted), courriel, telephone
-- inputs: core.demandeur, marts.caf_du
-- horizon: mois
-- compte: personnes
-- denombre: les demandeurs à transmettre, par moyen de contact
-- inclus_dans: courriel < tous ; telephone < tous ; tous < courriel + telephone
-- parameters: :mois

SELECT
    c.code_caf,
    m.modalite,
    count(d.id_personne) FILTER (
        WHERE m.modalite = 'tous'
        OR (m.modalite = 'courriel' AND d.courriel IS NOT NULL)
        OR (m.modalite = 'telephone' AND d.telephone IS NOT NULL)
    ) AS valeur
FROM marts.caf_du(:mois) AS c
CROSS JOIN (VALUES ('tous'), ('courriel'), ('telephone')) AS m (modalite)
LEFT JOIN core.demandeur AS d ON c.code_caf = d.code_caf AND d.mois = :mois
GROUP BY c.code_caf, m.modalite
