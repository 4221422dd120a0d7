-- purpose: each Cpam of the Caf's lot that stands: sent, treated, destroyed
-- grain: one row a Cpam
-- inputs: suivi.destinataire, suivi.certificat_attendu
-- parameters: :mois, :code_caf, :mois_certificat (months from treatment to destruction)

SELECT
    d.code_cpam,
    d.nom_cpam,
    d.etat,
    (d.preuve ->> 'date_transmission')::date AS transmis_le,
    d.preuve ->> 'portail' AS portail,
    (d.preuve ->> 'lignes')::integer AS lignes,
    t.date_fin_traitement,
    (t.date_fin_traitement + :mois_certificat * interval '1 month')::date AS a_detruire_avant,
    t.date_destruction
FROM suivi.destinataire AS d
LEFT JOIN suivi.certificat_attendu AS t
    ON
        d.mois = t.mois AND d.code_caf = t.code_caf AND d.version = t.version
        AND d.code_cpam = t.code_cpam
WHERE d.mois = :mois AND d.code_caf = :code_caf
ORDER BY d.code_cpam
