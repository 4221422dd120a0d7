-- purpose: count who is not transmitted, by the first reason that applies
-- grain: one row a Caf and reason
-- inputs: staging.demandeur (cleaned month), staging.deja_transmis, marts.caf_du, quarantaine (temporary:
--         rows that a rule blocks)
-- parameters: :mois
-- source: contracts of the national request: objections, ended affiliations, transmitted already,
--         nothing to transmit

INSERT INTO core.ecarte (mois, code_caf, motif, nombre)
SELECT
    d.mois,
    d.code_caf,
    CASE
        WHEN d.opposition_contact = '1' THEN 'opposition'
        WHEN d.affiliation_terminee = '1' THEN 'affiliation_terminee'
        WHEN q.ligne IS NOT NULL THEN 'quarantaine'
        WHEN t.ligne IS NOT NULL THEN 'deja_transmis'
        ELSE 'sans_contact'
    END AS motif,
    count(*) AS nombre
FROM staging.demandeur AS d
INNER JOIN marts.caf_du(:mois) AS c ON d.code_caf = c.code_caf
LEFT JOIN pg_temp.quarantaine AS q ON d.ligne = q.ligne
LEFT JOIN staging.deja_transmis AS t ON d.mois = t.mois AND d.ligne = t.ligne
WHERE
    d.mois = :mois
    AND (
        d.opposition_contact = '1'
        OR d.affiliation_terminee = '1'
        OR q.ligne IS NOT NULL
        OR t.ligne IS NOT NULL
        OR (d.courriel_net IS NULL AND d.telephone_net IS NULL)
    )
GROUP BY d.mois, d.code_caf, motif
