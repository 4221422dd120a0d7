-- purpose: applicants who are not transmitted, by reason
-- grain: one row a Caf and reason
-- inputs: core.ecarte, marts.caf_du
-- horizon: mois
-- compte: personnes
-- denombre: les demandeurs écartés, par motif
-- somme: demandeurs.tous = contacts_utilisables.tous + *
-- parameters: :mois

SELECT
    c.code_caf,
    m.motif AS modalite,
    coalesce(e.nombre, 0) AS valeur
FROM marts.caf_du(:mois) AS c
CROSS JOIN (
    VALUES ('opposition'), ('affiliation_terminee'), ('quarantaine'), ('deja_transmis'), ('sans_contact')
) AS m (motif)
LEFT JOIN core.ecarte AS e ON c.code_caf = e.code_caf AND m.motif = e.motif AND e.mois = :mois
