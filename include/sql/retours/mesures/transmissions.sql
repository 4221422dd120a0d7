-- purpose: lots that were to be sent, and were, and were in time
-- grain: one row a Caf, Cpam and modality: attendues, transmises, dans_les_delais
-- inputs: suivi.destinataire
-- horizon: transmission
-- compte: lots
-- parameters: :mois

SELECT
    d.code_caf,
    d.code_cpam,
    m.modalite,
    CASE m.modalite
        WHEN 'attendues' THEN 1
        WHEN 'transmises' THEN (d.etat IS NOT NULL)::integer
        ELSE coalesce((d.preuve ->> 'dans_les_delais')::boolean, FALSE)::integer
    END AS valeur
FROM suivi.destinataire AS d
CROSS JOIN (VALUES ('attendues'), ('transmises'), ('dans_les_delais')) AS m (modalite)
WHERE d.mois = :mois AND d.etat IS DISTINCT FROM 'rien_a_transmettre'
