-- purpose: what was sent to each Cpam of the lots of a period, what came back, and what is still to come
-- grain: one row a month, Caf and Cpam
-- inputs: suivi.destinataire, suivi.retour_attendu, suivi.certificat_attendu, suivi.lot_vide, marts.caf,
--         marts.cpam
-- parameters: :debut_mois, :mois

SELECT
    d.mois,
    d.code_caf,
    c.libelle AS nom_caf,
    d.code_cpam,
    d.nom_cpam,
    d.version,
    coalesce((d.preuve ->> 'lignes')::integer, d.lignes) AS lignes,
    d.depose_le,
    a.transmis_le,
    a.recu_le,
    f.date_fin_traitement,
    f.date_destruction,
    d.expire
FROM suivi.destinataire AS d
INNER JOIN marts.caf AS c ON d.code_caf = c.code_caf
LEFT JOIN suivi.retour_attendu AS a
    ON
        d.mois = a.mois AND d.code_caf = a.code_caf AND d.version = a.version AND d.code_cpam = a.code_cpam
LEFT JOIN suivi.certificat_attendu AS f
    ON
        d.mois = f.mois AND d.code_caf = f.code_caf AND d.version = f.version AND d.code_cpam = f.code_cpam
WHERE d.mois BETWEEN :debut_mois AND :mois AND d.etat IS DISTINCT FROM 'rien_a_transmettre'
UNION ALL
SELECT
    v.mois,
    v.code_caf,
    c.libelle AS nom_caf,
    v.code_cpam,
    m.nom AS nom_cpam,
    NULL AS version,
    0 AS lignes,
    NULL AS depose_le,
    NULL AS transmis_le,
    NULL AS recu_le,
    NULL AS date_fin_traitement,
    NULL AS date_destruction,
    FALSE AS expire
FROM suivi.lot_vide AS v
INNER JOIN marts.caf AS c ON v.code_caf = c.code_caf
INNER JOIN marts.cpam AS m ON v.code_cpam = m.code_cpam
WHERE v.mois BETWEEN :debut_mois AND :mois
ORDER BY mois DESC, code_caf ASC, code_cpam ASC
