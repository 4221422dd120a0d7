-- purpose: what was sent to each Cpam of the lots of a period, what came back, and what is still to come
-- grain: one row a month, Caf and Cpam
-- inputs: suivi.destinataire, suivi.certificat_attendu, staging.retour, suivi.lot_vide, marts.caf, marts.cpam
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
    f.transmis_le,
    CASE WHEN f.transmis_le IS NOT NULL THEN (r.recu_le AT TIME ZONE 'Europe/Paris')::date END AS recu_le,
    f.date_fin_traitement,
    f.date_destruction,
    d.expire
FROM suivi.destinataire AS d
INNER JOIN marts.caf AS c ON d.code_caf = c.code_caf
-- Copy by copy, on the index: joined as sets, every copy would be compared with every other.
LEFT JOIN
    LATERAL (
        SELECT
            x.transmis_le,
            x.date_fin_traitement,
            x.date_destruction
        FROM suivi.certificat_attendu AS x
        WHERE
            x.mois = d.mois AND x.code_caf = d.code_caf AND x.version = d.version
            AND x.code_cpam = d.code_cpam
        ORDER BY x.transmis_le
        LIMIT 1
    ) AS f
    ON TRUE
LEFT JOIN
    LATERAL (
        SELECT min(t.recu_le) AS recu_le
        FROM staging.retour AS t
        WHERE
            t.forme = 'mensuel' AND t.verdict IN ('conforme', 'avertissement')
            AND t.mois = d.mois AND t.code_caf = d.code_caf AND t.code_cpam = d.code_cpam
    ) AS r
    ON TRUE
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
