-- The same rules as anyone would write them in one GROUP BY, every cross-row fact as a join.
WITH doubles AS (
    SELECT id_personne FROM staging.demandeur WHERE mois = :mois GROUP BY id_personne HAVING count(*) > 1
),
repetes AS (
    SELECT courriel_net, telephone_net FROM staging.demandeur
    WHERE mois = :mois AND courriel_net IS NOT NULL AND telephone_net IS NOT NULL
    GROUP BY courriel_net, telephone_net HAVING count(*) > 1
),
avant AS (
    SELECT DISTINCT id_personne FROM staging.demandeur WHERE mois = :mois_precedent
)
SELECT
    d.code_caf,
    count(*) AS lignes,
    count(*) FILTER (WHERE d.opposition_contact = '0' AND d.affiliation_terminee = '1') AS affiliation_terminee,
    count(*) FILTER (WHERE 'champs_inverses' = any(d.motifs)) AS champs_inverses,
    count(*) FILTER (WHERE d.opposition_contact = '0' AND d.affiliation_terminee = '0' AND staging.est_vide(d.code_postal)) AS code_postal_absent,
    count(*) FILTER (WHERE NOT staging.est_vide(d.code_postal) AND d.code_postal_net IS NULL) AS code_postal_inconnu,
    count(r.courriel_net) AS contact_repete,
    count(*) FILTER (WHERE d.opposition_contact = '0' AND d.affiliation_terminee = '0' AND staging.est_vide(d.courriel)) AS courriel_absent,
    count(*) FILTER (WHERE NOT staging.est_vide(d.courriel) AND d.courriel_net IS NULL) AS courriel_inutilisable,
    count(*) FILTER (WHERE d.date_premier_depot > d.date_dernier_depot) AS dates_inversees,
    count(a.id_personne) AS deja_le_mois_precedent,
    count(*) FILTER (WHERE d.date_premier_depot IS NULL OR d.date_dernier_depot IS NULL
        OR left(d.date_premier_depot, 7) <> d.mois OR left(d.date_dernier_depot, 7) <> d.mois) AS depot_hors_mois,
    count(*) FILTER (WHERE d.id_personne LIKE '%@%' OR d.id_personne LIKE '_% _%'
        OR d.date_premier_depot NOT LIKE '____-__-__' OR d.date_dernier_depot NOT LIKE '____-__-__'
        OR d.demandes_ajpa !~ '^[0-9]+$' OR d.demandes_ajpp !~ '^[0-9]+$' OR d.demandes_autres !~ '^[0-9]+$') AS format_inattendu,
    count(*) FILTER (WHERE d.code_postal_net IS NOT NULL AND t.code_caf IS NULL) AS hors_territoire,
    count(*) FILTER (WHERE staging.est_vide(d.id_personne)) AS identite_absente,
    count(i.id_personne) AS identite_dupliquee,
    count(*) FILTER (WHERE d.opposition_contact = '1') AS opposition,
    count(*) FILTER (WHERE coalesce(d.opposition_contact, '') NOT IN ('0', '1')
        OR coalesce(d.affiliation_terminee, '') NOT IN ('0', '1')) AS opposition_inconnue,
    count(*) FILTER (WHERE d.opposition_contact IS DISTINCT FROM '0'
        AND (d.courriel IS NOT NULL OR d.telephone IS NOT NULL OR d.code_postal IS NOT NULL)) AS opposition_transmise,
    count(*) FILTER (WHERE d.code_caf = d.code_caf_gestionnaire AND d.code_postal_net IS NOT NULL AND t.code_caf IS NULL) AS pivot_pour_caf,
    count(*) FILTER (WHERE coalesce(d.demandes_ajpa, '0') = '0' AND coalesce(d.demandes_ajpp, '0') = '0'
        OR coalesce(d.demandes_autres, '0') <> '0') AS prestation_inconnue,
    count(*) FILTER (WHERE d.opposition_contact = '0' AND d.affiliation_terminee = '0'
        AND d.courriel_net IS NULL AND d.telephone_net IS NULL) AS sans_contact,
    count(*) FILTER (WHERE d.opposition_contact = '0' AND d.affiliation_terminee = '0' AND staging.est_vide(d.telephone)) AS telephone_absent,
    count(*) FILTER (WHERE NOT staging.est_vide(d.telephone) AND d.telephone_net IS NULL) AS telephone_inutilisable
FROM staging.demandeur AS d
LEFT JOIN marts.territoire AS t ON d.code_caf = t.code_caf AND d.code_postal_net = t.code_postal
LEFT JOIN doubles AS i ON d.id_personne = i.id_personne
LEFT JOIN repetes AS r ON d.courriel_net = r.courriel_net AND d.telephone_net = r.telephone_net
LEFT JOIN avant AS a ON d.id_personne = a.id_personne
WHERE d.mois = :mois
GROUP BY d.code_caf
