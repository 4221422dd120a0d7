-- purpose: each Cpam of the Caf's lot that stands: sent, acknowledged, treated, destroyed, and what it owes
-- grain: one row a Cpam
-- inputs: suivi.destinataire, suivi.copie, suivi.evenement, suivi.certificat_attendu
-- parameters: :mois, :code_caf, :mois_certificat (months from treatment to destruction), :jours_retour (days
--             from the transmission to the return)

SELECT
    d.code_cpam,
    d.nom_cpam,
    d.etat,
    t.transmis_le,
    (e.cree_le AT TIME ZONE 'Europe/Paris')::date AS accuse_le,
    d.preuve ->> 'portail' AS portail,
    (d.preuve ->> 'lignes')::integer AS lignes,
    t.transmis_le + CAST(:jours_retour AS integer) AS rendu_du_le,
    t.date_fin_traitement,
    -- As for the late certificates: without an end of treatment, the day of the return stands for it.
    (
        coalesce(t.date_fin_traitement, t.transmis_le + CAST(:jours_retour AS integer))
        + :mois_certificat * interval '1 month'
    )::date AS a_detruire_avant,
    t.date_destruction
FROM suivi.destinataire AS d
LEFT JOIN suivi.copie AS c
    ON
        d.mois = c.mois AND d.code_caf = c.code_caf AND d.version = c.version
        AND d.code_cpam = c.code_cpam
LEFT JOIN suivi.evenement AS e ON c.envoi = e.id
LEFT JOIN suivi.certificat_attendu AS t
    ON
        d.mois = t.mois AND d.code_caf = t.code_caf AND d.version = t.version
        AND d.code_cpam = t.code_cpam
WHERE d.mois = :mois AND d.code_caf = :code_caf
ORDER BY d.code_cpam
